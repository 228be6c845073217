// One message on the page, and the text that it shows.

import { copyButton, show } from "./text.js";

export class Message {
  text = "";
  #seen = 0; // characters of an answer that have come
  #frame = 0;

  constructor(element) {
    this.element = element;
    this.place = element.querySelector("[data-text]");
    this.note = element.querySelector("[data-note]");
  }

  get id() {
    return Number(this.element.dataset.message);
  }

  set id(id) {
    this.element.dataset.message = id;
  }

  get isAnswer() {
    return this.element.dataset.role === "assistant";
  }

  get isUnfinished() {
    return this.element.dataset.status === "streaming";
  }

  // A question stands as it was typed.
  write(text) {
    this.text = this.place.textContent = text;
  }

  // Show as an answer what the server has written into the page.
  format() {
    this.text = this.place.textContent;
    this.place.replaceChildren();
    this.paint();
    this.#offerCopy();
  }

  // Begin anew: what comes next is the answer from its first character on.
  forget() {
    this.text = "";
    this.#seen = 0;
  }

  // Take what comes. The event's id says how many characters there are with it, so that none is
  // taken twice.
  take(text, eventId) {
    const characters = [...text];
    const altogether = Number(eventId.split("-")[1] ?? this.#seen + characters.length);
    const fresh = altogether - this.#seen;
    if (fresh <= 0) return;
    this.text += characters.slice(-fresh).join("");
    this.#seen = altogether;
  }

  // Call with the next frame, however often it is asked for until then.
  soon(paint) {
    this.#frame ||= requestAnimationFrame(paint);
  }

  paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    show(this.place, this.text);
  }

  end(status, note = status === "stopped" ? "Stopped." : "") {
    this.element.dataset.status = status;
    this.note.textContent = note;
    this.paint();
    this.#offerCopy();
  }

  #offerCopy() {
    const place = this.element.querySelector("[data-copy]");
    if (this.text) place.replaceChildren(copyButton(() => this.text));
  }

  remove() {
    cancelAnimationFrame(this.#frame);
    this.element.remove();
  }
}
