// Server-sent events from a fetch: `EventSource` can neither POST nor send a header.
// What each line means: WHATWG HTML, "Interpreting an event stream".

export class EventParser {
  lastId = "";
  #rest = "";
  #afterReturn = false;
  #type = "";
  #data = [];

  // The events that are complete with this piece of text, wherever the pieces are cut.
  push(text) {
    if (this.#afterReturn && text.startsWith("\n")) {
      text = text.slice(1);
      this.#afterReturn = false;
    }
    if (!text) return [];
    this.#afterReturn = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    return lines.map((line) => this.#read(line)).filter(Boolean);
  }

  #read(line) {
    if (!line) return this.#dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#type = value;
    if (name === "data") this.#data.push(value);
    if (name === "id" && !value.includes("\0")) this.lastId = value;
    return null;
  }

  #dispatch() {
    const event = { type: this.#type || "message", data: this.#data.join("\n"), id: this.lastId };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    return isEmpty ? null : event;
  }
}

// The events of a body, as they come, until it ends or breaks; an event that breaks off is none.
// `onBytes` hears every sign of life, a comment too.
export async function* readEvents(body, parser, onBytes = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) return;
      onBytes();
      yield* parser.push(value);
    }
  } finally {
    // Whoever stops reading closes the connection.
    reader.cancel().catch(() => {});
  }
}
