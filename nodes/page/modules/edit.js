/**
 * A tree of values that a person edits: fields with an input each, lists whose items can be taken out or moved.
 */

import { element } from "./elements.js";
import { plain } from "./values.js";

/** @typedef {(string | number)[]} Path */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */
/** Deeper parts are closed at first. */
const OPEN_DEPTH = 1;

/**
 * @param {any} before
 * @param {any} after
 * @param {Path} [path]
 * @returns {{ path: Path, value: any }[]} the smallest parts that are others, as the control takes them
 */
export function editsOf(before, after, path = []) {
  if (before === after) return [];
  const isSame = before && after && typeof before === "object" && typeof after === "object" && Array.isArray(before) === Array.isArray(after);
  const names = isSame ? Object.keys(before) : [];
  if (!isSame || names.join() !== Object.keys(after).join()) return [{ path, value: after }];
  const step = (/** @type {string} */ name) => (Array.isArray(before) ? Number(name) : name);
  return names.flatMap((name) => editsOf(before[name], after[name], [...path, step(name)]));
}

/**
 * @param {any} tree
 * @param {Path} path
 * @returns {any} undefined where there is nothing
 */
export function partAt(tree, path) {
  return path.reduce((part, step) => part?.[step], tree);
}

/**
 * @param {any} tree
 * @param {Path} path
 * @param {any} value
 * @returns {any} a copy with another value there
 */
export function withPart(tree, path, value) {
  const copy = structuredClone(tree);
  if (!path.length) return value;
  partAt(copy, path.slice(0, -1))[path[path.length - 1]] = value;
  return copy;
}

export class EditTree {
  /**
   * @param {any} original
   * @param {Say} say
   * @param {(path: Path, value: any) => void} change
   */
  constructor(original, say, change) {
    this.original = original;
    this.say = say;
    this.change = change;
    /** @type {Map<string, boolean>} parts that were opened or closed by hand */
    this.open = new Map();
  }

  /**
   * @param {any} value
   * @param {Path} [path]
   * @returns {HTMLElement}
   */
  draw(value, path = []) {
    if (!value || typeof value !== "object") return this.#leaf(value, path);
    const isList = Array.isArray(value);
    const rows = Object.keys(value).map((name) => {
      const inner = [...path, isList ? Number(name) : name];
      const part = this.draw(value[name], inner);
      return element("li", {}, part, isList ? this.#moves(value, inner) : null);
    });
    const list = element("ul", {}, ...rows);
    if (!path.length) return list;
    const key = path.join("/");
    const isOpen = this.open.get(key) ?? (path.length <= OPEN_DEPTH || !this.#isSame(value, path));
    const name = `${plain(path[path.length - 1])} ${isList ? `[${value.length}]` : ""}`;
    const whole = element("details", { open: isOpen, class: this.#isSame(value, path) ? "" : "edited" }, element("summary", {}, name), list);
    whole.addEventListener("toggle", () => whole.open !== isOpen && this.open.set(key, whole.open));
    return whole;
  }

  /**
   * @param {any} value
   * @param {Path} path
   */
  #leaf(value, path) {
    const before = partAt(this.original, path);
    const isText = typeof value === "string";
    const name = plain(path[path.length - 1]);
    const long = isText && value.length > 60;
    const take = (/** @type {Event} */ event) => this.change(path, parsed(/** @type {any} */ (event.target).value, typeof before === "string"));
    const attributes = { change: take, spellcheck: "false", autocapitalize: "off", "data-path": path.join("."), "aria-label": path.join(".") };
    const input = element(long ? "textarea" : "input", { ...attributes, rows: long && "2" });
    /** @type {any} */ (input).value = isText ? value : JSON.stringify(value);
    const isSame = this.#isSame(value, path);
    const was = element("button", { type: "button", class: "was", click: () => this.change(path, before) }, `↶ ${plain(JSON.stringify(before) ?? "—")}`);
    was.setAttribute("aria-label", this.say("put-back", { path: path.join(".") }));
    return element("label", { class: isSame ? "leaf" : "leaf edited" }, element("span", {}, name), input, isSame ? null : was);
  }

  /**
   * @param {any[]} list
   * @param {Path} path of one of its items
   */
  #moves(list, path) {
    const [parent, at] = [path.slice(0, -1), Number(path[path.length - 1])];
    const out = () => this.change(parent, list.filter((_, place) => place !== at));
    const swap = () => this.change(parent, list.map((item, place) => (place === at ? list[at - 1] : place === at - 1 ? list[at] : item)));
    const button = (/** @type {string} */ key, /** @type {string} */ sign, /** @type {() => void} */ run) =>
      element("button", { type: "button", title: this.say(key), "aria-label": `${this.say(key)}: ${path.join(".")}`, click: run }, sign);
    return element("span", { class: "moves" }, at > 0 ? button("up", "↑", swap) : null, button("out", "×", out));
  }

  /**
   * @param {any} value
   * @param {Path} path
   */
  #isSame(value, path) {
    return JSON.stringify(partAt(this.original, path)) === JSON.stringify(value);
  }
}

/**
 * @param {string} text
 * @param {boolean} isText
 * @returns {any} a number where there was one, if it can be read as one
 */
function parsed(text, isText) {
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
