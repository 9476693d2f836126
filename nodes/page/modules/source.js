/**
 * Where answers come from: the node that serves this page, or the page itself if it was written to disk with its answers.
 */

import { savedAnswer } from "./saved.js";

/** What a path without `/v1/` begins with. */
export const CONTROL = "/v1/lab/control";
const POLL_MS = 1000;
const HIDDEN_MS = 5000;
const FAILED_MS_MAX = 15000;

/** An answer that says no: `status` 0 if there was none at all. With `proof`, it proves that there is no such record. */
export class Problem extends Error {
  constructor(status, code, detail, proof) {
    super(`${detail} (${code})`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.proof = proof;
  }
}

/** `get` and `post` answer with JSON, or raise a Problem. */
export class Source {
  constructor(asker) {
    this.asker = asker;
    const data = document.getElementById("data");
    /** Answers by path, and which views they serve. */
    this.data = data && JSON.parse(data.textContent);
  }

  /** Whether a node answers, and something can be done. */
  get isLive() {
    return this.data === null;
  }

  async get(path) {
    const whole = wholePath(path);
    if (this.isLive) return this.#ask("GET", whole);
    const found = savedAnswer(this.data.answers, whole, this.asker.language);
    if (found === undefined) throw new Problem(404, "not-in-report", `This page holds no answer of ${whole}.`);
    return found;
  }

  /** The answer, or null where there is no such thing. */
  async find(path) {
    return this.get(path).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
  }

  /** The answer that is a file, as text. */
  async text(path) {
    return this.#ask("GET", wholePath(path), undefined, (response) => response.text());
  }

  async post(path, body = {}) {
    if (!this.isLive) throw new Problem(0, "not-live", "This page was written to disk: nothing can be done in it.");
    return this.#ask("POST", wholePath(path), canonical(body));
  }

  #ask(method, path, body, read) {
    const { language, token } = this.asker;
    return ask(method, path, { language, token: path.startsWith("/v1/lab/") && token }, body, read);
  }
}

/** Asks the server of this page; raises a Problem if it says no, or does not answer. */
export async function ask(method, path, { language, token }, body, read = (response) => response.json()) {
  const headers = { "accept-language": language, ...(token && { authorization: `Bearer ${token}` }) };
  let response, answer;
  try {
    response = await fetch(path, { method, body, headers, cache: "no-cache" });
    answer = await (response.ok ? read(response) : response.json());
  } catch {
    throw new Problem(response?.status ?? 0, "no-answer", `${path}: no answer.`);
  }
  if (!response.ok) throw new Problem(response.status, answer.code ?? "http-error", answer.detail ?? "", answer.proof);
  return answer;
}

/** Asks again and again, one question at a time: seldom in a hidden tab, less and less after failures. */
export class Poll {
  /** `ask` says whether the question was answered. The rest between two is in milliseconds; without `isLasting` it asks once. */
  constructor(ask, isLasting, rest = POLL_MS, restHidden = HIDDEN_MS) {
    this.ask = ask;
    this.isLasting = isLasting;
    [this.rest, this.restHidden] = [rest, restHidden];
    this.failures = 0;
    this.isAsking = false;
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
  }

  async now() {
    clearTimeout(this.timer);
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      this.failures = (await this.ask()) ? 0 : this.failures + 1;
    } finally {
      this.isAsking = false;
      const rest = document.hidden ? this.restHidden : Math.min(this.rest * 2 ** this.failures, FAILED_MS_MAX);
      if (this.isLasting) this.timer = setTimeout(() => this.now(), rest);
    }
  }
}

function wholePath(path) {
  return path.startsWith("/v1/") ? path : CONTROL + path;
}

/** The one spelling of a value, which a node asks for: names in order, no spaces. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names.sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}
