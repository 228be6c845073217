// The assistant's page: sends a question, and shows the answer while it is written.

import { Complaint } from "./complaint.js";
import { Conversation, notSent } from "./conversation.js";
import { follow } from "./follow.js";
import { Message } from "./message.js";
import { Problem, Service } from "./service.js";

const NEAR = 96; // pixels from the end, within which a reader follows the text

class Chat {
  #stop = null; // while an answer is written
  #answer = null; // that one
  #isAsking = false; // over the connection that asked for it, whose end stops it
  #wasStopped = false;
  #question = "";
  #first = ""; // sent to make the conversation; perhaps it did, and nobody here heard of it

  constructor(page) {
    this.page = page;
    this.log = this.find("log");
    this.box = this.find("ask").elements.content;
    const { token, api, conversation, newest } = page.dataset;
    const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const service = new Service(token, csrfToken);
    this.conversation = new Conversation(service, api, conversation, Number(newest));
    this.complaint = new Complaint(this.find("problem"), page.dataset);
    this.listen();
    this.read();
    this.focus();
  }

  find(name) {
    return this.page.querySelector(`[data-${name}]`);
  }

  listen() {
    this.find("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.box.addEventListener("keydown", (event) => {
      const isPlain = !(event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
      // A keyboard on a screen has no Shift+Enter, and the button is close.
      if (event.key !== "Enter" || !isPlain || event.isComposing || isTouch()) return;
      event.preventDefault();
      this.send();
    });
    document.addEventListener("keydown", (event) => {
      const closesMenu = document.querySelector(":popover-open");
      if (event.key === "Escape" && !event.isComposing && !closesMenu) this.stop();
    });
    this.find("stop").addEventListener("click", () => this.stop());
    this.page.addEventListener("click", (event) => {
      if (event.target.closest("[data-again]")) this.repeat();
    });
    this.find("newest").addEventListener("click", () => {
      toEnd();
      this.focus();
    });
    const offerNewest = () => (this.find("newest").hidden = isAtEnd());
    window.addEventListener("scroll", offerNewest, { passive: true });
    window.addEventListener("resize", offerNewest, { passive: true });
  }

  // What the server has rendered, and an answer that was being written just then.
  read() {
    const messages = [...this.log.querySelectorAll("[data-message]")].map(
      (each) => new Message(each),
    );
    for (const each of messages) {
      if (each.isAnswer) each.format();
      else this.#question = each.place.textContent;
    }
    const last = messages.at(-1);
    if (!last) return;
    toEnd();
    if (last.isUnfinished) this.follow(last, (signal) => this.resume(last, "", signal));
  }

  send() {
    const text = this.box.value.trim();
    if (this.#stop || !text) return;
    this.box.value = "";
    this.ask(text);
  }

  // Send what was refused, or the question of the last answer once more.
  repeat() {
    if (this.box.value.trim()) this.send();
    else if (!this.#stop && this.#question) this.ask(this.#question);
    this.focus();
  }

  async stop() {
    const [connection, answer] = [this.#stop, this.#answer];
    if (!connection) return;
    const stopped = answer.id && this.conversation.stop(answer.id);
    if (this.#isAsking || !stopped) {
      connection.abort();
      // That has stopped it, unless there was something in between.
      return stopped?.catch?.(() => {});
    }
    try {
      await stopped;
      connection.abort();
    } catch (error) {
      if (!connection.signal.aborted) this.say(`It could not be stopped. ${error.message}`);
    }
  }

  ask(text) {
    this.#question = text;
    const before = this.lastId();
    const question = this.add("question");
    const answer = this.add("answer");
    question.write(text);
    answer.before = before;
    const begin = (signal) => this.begin(text, answer, signal);
    this.follow(answer, begin, question);
  }

  add(name) {
    this.find("greeting")?.remove();
    this.log.append(this.find(`template-${name}`).content.cloneNode(true));
    return new Message(this.log.lastElementChild);
  }

  lastId() {
    const ids = [...this.log.querySelectorAll("[data-message]")].map((each) => each.dataset.message);
    return Math.max(0, ...ids.map(Number));
  }

  // Show an answer until it ends. `question` may be taken back as long as nothing was begun.
  async follow(answer, begin, question = null) {
    const { signal } = (this.#stop = new AbortController());
    this.#answer = answer;
    this.#isAsking = Boolean(question);
    this.complaint.clear();
    this.busy(true);
    toEnd();
    try {
      await follow({
        begin,
        resume: (connection, lastId) => this.resume(answer, lastId, connection),
        on: (event) => this.on(event, answer, question),
        isLost: (lost) => this.say(lost ? "The connection is lost. Trying again …" : ""),
        signal,
      });
    } catch (error) {
      this.failed(error, signal, answer, question);
    }
    this.#wasStopped = signal.aborted;
    this.#stop = null;
    this.busy(false);
  }

  // Send a question; in the conversation that a former one has made, if that was stopped unheard.
  async begin(text, answer, signal) {
    if (!this.conversation.id) {
      const made = this.#first && (await this.adopt(this.#first, signal));
      // What answered that one is not the answer to this one.
      if (made) answer.before = made.messages.at(-1).id;
      this.#first = text;
    }
    return this.conversation.ask(text, signal, this.#wasStopped);
  }

  // Go on where the connection broke, or from the beginning.
  async resume(answer, lastId, signal) {
    if (!this.conversation.id && !(await this.adopt(this.#question, signal))) throw notSent();
    this.#isAsking = false;
    answer.id ||= await this.conversation.answerAfter(answer.before, signal);
    if (!lastId) answer.forget();
    return this.conversation.events(answer.id, lastId, signal);
  }

  // Go on in the conversation that this first question has made, if there is one.
  async adopt(question, signal) {
    const made = await this.conversation.find(question, signal);
    if (made) this.list(made.id, question);
    return made;
  }

  // A new conversation gets its address and its place in the list, once its question is taken.
  list(id, title) {
    this.conversation.id = id;
    const address = `${this.page.dataset.pages}${id}/`;
    history.replaceState(null, "", address);
    this.find("delete").href = `${address}delete/`;
    this.find("delete").hidden = false;
    this.find("new").removeAttribute("aria-current");
    const row = this.find("template-chat").content.cloneNode(true);
    const link = row.querySelector("a");
    link.href = address;
    link.querySelector("span").textContent = this.find("title").textContent = title;
    this.find("chats").prepend(row);
  }

  // Take an event; true if it was the last one.
  on({ type, data, id }, answer, question) {
    const told = JSON.parse(data);
    this.say("");
    if (type === "start") {
      if (!this.conversation.id) this.list(told.message.conversation_id, this.#question);
      answer.id = told.message.id;
      if (question && told.question) question.id = told.question.id;
    } else if (type === "token") {
      answer.take(told.text, id);
      answer.soon(() => following(() => answer.paint()));
    } else if (type === "end") {
      if (told.message.content) answer.text = told.message.content;
      // Without an error it was a person who stopped it, perhaps on another page.
      const note = told.message.error ? "Broken off before its end." : undefined;
      following(() => answer.end(told.message.status, note));
    } else if (type === "error") {
      following(() => answer.end("failed", [told.title, told.detail].filter(Boolean).join(". ")));
    }
    return type === "end" || type === "error";
  }

  failed(error, signal, answer, question) {
    if (signal.aborted) return following(() => answer.end("stopped"));
    let problem = error;
    if (!(error instanceof Problem)) {
      reportError(error);
      problem = new Problem({ title: "This page failed", detail: "Load it again." });
    }
    if (answer.id || !question) {
      return following(() => answer.end("failed", problem.message));
    }
    // Nothing was begun: the question goes back to where it was typed.
    this.box.value ||= question.text;
    question.remove();
    answer.remove();
    this.complaint.show(problem);
  }

  busy(isBusy) {
    const held = document.activeElement;
    const isLost = held === document.body || held === this.find(isBusy ? "send" : "stop");
    // Only what is finished is read aloud.
    this.log.setAttribute("aria-busy", isBusy);
    this.find("send").hidden = isBusy;
    this.find("stop").hidden = !isBusy;
    this.say(isBusy ? "Waiting for the answer …" : "", { quietly: true });
    if (isLost) this.focus();
  }

  focus() {
    // Where a keyboard would cover half of the page, people open it themselves.
    if (!isTouch()) this.box.focus({ preventScroll: true });
  }

  // What goes on; quietly, where the page shows it anyway.
  say(words, { quietly = false } = {}) {
    const place = this.find("news");
    if (place.textContent === words) return;
    place.classList.toggle("sr-only", quietly);
    place.textContent = words;
  }
}

function isTouch() {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

function isAtEnd() {
  const { scrollHeight } = document.documentElement;
  return window.innerHeight + window.scrollY >= scrollHeight - NEAR;
}

function toEnd() {
  window.scrollTo(0, document.documentElement.scrollHeight);
}

// Change the page; who was at its end stays there, and who reads further up is left in peace.
function following(change) {
  const wasAtEnd = isAtEnd();
  change();
  if (wasAtEnd) toEnd();
}

const page = document.querySelector("[data-assistant]");
// Where the assistant is not set up there is nothing to ask with.
if (page.querySelector("[data-ask]")) new Chat(page);
