// Says above the text box why a question was not taken, and what can be done about it.

const LINKS = { 401: ["login", "Log in"], 402: ["plans", "See the plans"] };

export class Complaint {
  #timer = 0;

  constructor(place, addresses) {
    this.place = place;
    this.addresses = addresses;
    this.words = place.querySelector("[data-words]");
    this.link = place.querySelector("a");
    this.again = place.querySelector("button");
  }

  show(problem) {
    this.words.textContent = problem.message;
    const [name, label] = LINKS[problem.status] ?? [];
    this.link.hidden = !this.addresses[name];
    if (name) this.link.href = this.addresses[name];
    this.link.textContent = label;
    this.again.hidden = Boolean(name);
    this.place.hidden = false;
    this.#countDown(problem.retryAfter ?? 0);
  }

  clear() {
    clearTimeout(this.#timer);
    this.place.hidden = true;
    // The same words are read aloud again when they come again.
    this.words.textContent = "";
  }

  #countDown(seconds) {
    clearTimeout(this.#timer);
    this.again.disabled = seconds > 0;
    this.again.textContent = seconds > 0 ? `Try again in ${seconds} s` : "Try again";
    if (seconds > 0) this.#timer = setTimeout(() => this.#countDown(seconds - 1), 1000);
  }
}
