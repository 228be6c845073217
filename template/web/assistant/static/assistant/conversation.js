// A conversation at the service, which writes the answers and keeps them.

import { sleep } from "./follow.js";
import { Problem } from "./service.js";

const EVENTS = { Accept: "text/event-stream" };
// The service needs a moment to notice that somebody has stopped (milliseconds).
const AFTER_STOP = [200, 400, 800, 1600];

export class Conversation {
  constructor(service, collection, id) {
    this.service = service;
    this.collection = collection;
    this.id = id;
  }

  get url() {
    return `${this.collection}/${this.id}`;
  }

  // Make it; the first question is its title.
  async make(signal) {
    const answer = await this.service.call(this.collection, { json: {}, signal });
    this.id = (await answer.json()).id;
  }

  // Ask something; the answer is a stream. Who has just stopped another answer may have to wait.
  async ask(content, signal, wasStopped) {
    const options = { json: { content }, headers: EVENTS, signal };
    for (const pause of wasStopped ? AFTER_STOP : []) {
      try {
        return await this.service.call(`${this.url}/messages`, options);
      } catch (error) {
        if (error.status !== 409 && error.status !== 429) throw error;
        await sleep(pause, signal);
      }
    }
    return this.service.call(`${this.url}/messages`, options);
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
