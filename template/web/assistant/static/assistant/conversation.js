// A conversation at the service, which writes the answers and keeps them.

import { sleep } from "./follow.js";
import { Problem } from "./service.js";

const EVENTS = { Accept: "text/event-stream" };
// The service needs a moment to notice that somebody has stopped (milliseconds).
const AFTER_STOP = [200, 400, 800, 1600];

export class Conversation {
  // `id` is empty for one that does not exist yet, and `newest` the id of the person's newest one.
  constructor(service, collection, id, newest) {
    this.service = service;
    this.collection = collection;
    this.id = id;
    this.newest = newest;
  }

  get url() {
    return `${this.collection}/${this.id}`;
  }

  // Ask something; the answer is a stream. The first question makes the conversation, if it is not
  // refused. Who has just stopped another answer may have to wait.
  async ask(content, signal, wasStopped) {
    const url = this.id ? `${this.url}/messages` : `${this.collection}/messages`;
    const options = { json: { content }, headers: EVENTS, signal };
    for (const pause of wasStopped ? AFTER_STOP : []) {
      try {
        return await this.service.call(url, options);
      } catch (error) {
        if (error.status !== 409 && error.status !== 429) throw error;
        await sleep(pause, signal);
      }
    }
    return this.service.call(url, options);
  }

  // The rest of an answer, after the event with this id.
  events(messageId, lastId, signal) {
    const headers = { ...EVENTS, ...(lastId && { "Last-Event-ID": lastId }) };
    return this.service.call(`${this.url}/messages/${messageId}/events`, { headers, signal });
  }

  // Let the service stop an answer, whoever asked for it and over whichever connection.
  stop(messageId) {
    return this.service.call(`${this.url}/messages/${messageId}/stop`, { json: {} });
  }

  // The conversation that this question has made, for who never heard whether it arrived; nothing
  // if there is none. Others may have been begun on other pages meanwhile.
  async find(content, signal) {
    const { items } = await (await this.service.call(this.collection, { signal })).json();
    for (const { id } of items.filter((each) => each.id > this.newest)) {
      const answer = await this.service.call(`${this.collection}/${id}`, { signal });
      const found = await answer.json();
      if (found.messages[0]?.content === content) return found;
    }
  }

  // The answer that was begun after this message; for who never heard whether a question arrived.
  async answerAfter(messageId, signal) {
    const { messages } = await (await this.service.call(this.url, { signal })).json();
    const last = messages.findLast((each) => each.role === "assistant");
    if (last?.id > messageId) return last.id;
    throw notSent();
  }
}

export function notSent() {
  const detail = "The connection broke before your question arrived.";
  return new Problem({ status: 400, title: "It was not sent", detail });
}
