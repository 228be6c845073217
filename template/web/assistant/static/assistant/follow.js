// Follows one answer to its end, over as many connections as that takes.

import { EventParser, readEvents } from "./events.js";
import { Problem } from "./service.js";

const SILENCE = 45_000; // milliseconds; the service says something every 15 seconds
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const PATIENCE = 120_000;

// `begin(signal)` and `resume(signal, lastId)` connect; `on(event)` says whether it was the last
// one; `isLost(lost)` hears when the connection is lost and when it is back. Raises `Problem` when
// it cannot go on.
export async function follow({ begin, resume, on, isLost, signal }) {
  let connect = begin;
  let lastId = "";
  let failing = 0; // since when
  let pause = FIRST_PAUSE;
  for (;;) {
    const parser = new EventParser();
    parser.lastId = lastId;
    let wanted = null;
    const watch = new Watch(signal);
    try {
      const answer = await connect(watch.signal, lastId);
      if (failing) isLost(false);
      for await (const event of readEvents(answer.body, parser, () => watch.alive())) {
        lastId = event.id;
        failing = 0;
        pause = FIRST_PAUSE;
        if (on(event)) return;
      }
    } catch (error) {
      const isSilence = watch.signal.aborted && !signal.aborted;
      if (!isSilence && !(error instanceof Problem)) throw error;
      // What was refused before it began is for the person to repeat.
      const isRefusal = error.status >= 400 && (connect === begin || !error.passes);
      if (isRefusal) throw error;
      wanted = error.retryAfter ?? null;
    } finally {
      watch.end();
    }
    signal.throwIfAborted();
    failing ||= Date.now();
    if (Date.now() - failing > PATIENCE) throw lost();
    isLost(true);
    await sleep(wanted === null ? pause * (0.5 + Math.random() / 2) : wanted * 1000, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    connect = resume;
  }
}

function lost() {
  const detail = "Load the page again when you are connected: what came so far is kept.";
  return new Problem({ title: "The connection is lost", detail });
}

// A signal for one connection, which ends it when nothing is heard for too long.
class Watch {
  #end = new AbortController();
  #timer = 0;

  constructor(signal) {
    this.signal = AbortSignal.any([signal, this.#end.signal]);
    this.alive();
  }

  alive() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end.abort(), SILENCE);
  }

  end() {
    clearTimeout(this.#timer);
    this.#end.abort();
  }
}

// Wait; not longer than until the browser is online again.
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
