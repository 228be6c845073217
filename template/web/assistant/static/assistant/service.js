// Calls the service as the person of this page, by the short-lived token that Django gives to pages.

const EARLY = 30_000; // milliseconds before its end that a token is replaced

// What the service, or the way to it, refuses: RFC 9457.
export class Problem extends Error {
  constructor({ type = "", title = "", detail = "", status = 0 }, retryAfter = null) {
    super(detail || title);
    this.type = type;
    this.title = title;
    this.status = status;
    this.retryAfter = retryAfter; // seconds
  }

  // Whether the same may work a little later; 0 stands for no answer at all.
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export class Service {
  #token = null;
  #endsAt = 0;

  constructor(tokenUrl, csrfToken) {
    this.tokenUrl = tokenUrl;
    this.csrfToken = csrfToken;
  }

  // An answer that is no error; raises `Problem`.
  async call(url, { json, headers = {}, ...options } = {}) {
    if (json !== undefined) {
      headers = { ...headers, "Content-Type": "application/json" };
      options = { method: "POST", body: JSON.stringify(json), ...options };
    }
    const send = async () => {
      const Authorization = `Bearer ${await this.#fresh(options.signal)}`;
      return reached(url, { ...options, headers: { ...headers, Authorization }, cache: "no-store" });
    };
    let answer = await send();
    if (answer.status === 401) {
      this.#token = null;
      answer = await send();
    }
    if (!answer.ok) throw await problemIn(answer);
    return answer;
  }

  async #fresh(signal) {
    if (this.#token && Date.now() < this.#endsAt - EARLY) return this.#token;
    const headers = { "X-CSRFToken": this.csrfToken, Accept: "application/json" };
    const answer = await reached(this.tokenUrl, { method: "POST", headers, signal });
    if (answer.status === 401) {
      throw new Problem({ status: 401, title: "You are logged out", detail: "Log in again." });
    }
    if (answer.status === 403) {
      const detail = "Load it again: you have logged in anew since it was opened.";
      throw new Problem({ status: 403, title: "This page is too old", detail });
    }
    if (!answer.ok) throw await problemIn(answer);
    const { token, expires_at: endsAt } = await answer.json();
    this.#token = token;
    this.#endsAt = Date.parse(endsAt);
    return token;
  }
}

// `fetch`, which tells of a broken connection in words for a person.
async function reached(url, options) {
  return fetch(url, options).catch((error) => {
    if (!(error instanceof TypeError)) throw error;
    const detail = "The connection seems to be down. Try again when it is back.";
    throw new Problem({ title: "Nobody answers", detail });
  });
}

async function problemIn(answer) {
  const document = await answer.json().catch(() => ({}));
  const title = answer.status >= 500 ? "The service does not answer" : "This did not work";
  const detail = document.errors?.[0]?.detail; // of the first wrong field
  const shown = { title, detail, ...document, status: answer.status };
  return new Problem(shown, secondsIn(answer.headers.get("Retry-After")));
}

// RFC 9110, "Retry-After": seconds or a date.
function secondsIn(value) {
  if (!value) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
