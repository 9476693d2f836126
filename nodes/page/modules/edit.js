/**
 * A tree of values that a person edits: fields with an input each, lists whose items can be taken out or moved.
 */

import { element } from "./elements.js";
import { folded } from "./parts.js";
import { parsed, plain } from "./values.js";

/** Deeper parts are closed at first. */
const OPEN_DEPTH = 1;
const LONG_TEXT = 60;

/** The smallest parts that are others, each with its path, as the control takes them. */
export function editsOf(before, after, path = []) {
  if (before === after) return [];
  const isAlike = kindOf(before) === kindOf(after) && kindOf(before) !== "value";
  const names = isAlike ? Object.keys(before) : [];
  if (!isAlike || names.join() !== Object.keys(after).join()) return [{ path, value: after }];
  return names.flatMap((name) => editsOf(before[name], after[name], [...path, Array.isArray(before) ? Number(name) : name]));
}

/** A copy with another value at a path. */
export function withPart(tree, path, value) {
  if (!path.length) return value;
  const copy = structuredClone(tree);
  partAt(copy, path.slice(0, -1))[path.at(-1)] = value;
  return copy;
}

export class EditTree {
  constructor(original, say, change) {
    this.original = original;
    this.say = say;
    this.change = change;
    /** Parts that were opened or closed by hand. */
    this.open = new Map();
  }

  draw(value, path = []) {
    if (!value || typeof value !== "object") return this.#leaf(value, path);
    const isList = Array.isArray(value);
    const rows = Object.keys(value).map((name) => {
      const inner = [...path, isList ? Number(name) : name];
      return element("li", {}, this.draw(value[name], inner), isList ? this.#moves(value, inner) : null);
    });
    const list = element("ul", {}, ...rows);
    if (!path.length) return list;
    const [key, isSame] = [path.join("/"), this.#isSame(value, path)];
    const whole = folded(`${plain(path.at(-1))} ${isList ? `[${value.length}]` : ""}`, list);
    const isOpen = this.open.get(key) ?? (path.length <= OPEN_DEPTH || !isSame);
    [whole.open, whole.className] = [isOpen, isSame ? "" : "edited"];
    whole.addEventListener("toggle", () => whole.open !== isOpen && this.open.set(key, whole.open));
    return whole;
  }

  #leaf(value, path) {
    const [before, place] = [partAt(this.original, path), path.join(".")];
    const isText = typeof value === "string";
    const isLong = isText && value.length > LONG_TEXT;
    const take = () => this.change(path, typeof before === "string" ? input.value : parsed(input.value));
    const attributes = { change: take, spellcheck: "false", autocapitalize: "off", "data-path": place, "aria-label": place };
    const input = element(isLong ? "textarea" : "input", { ...attributes, rows: isLong && "2" });
    input.value = isText ? value : JSON.stringify(value);
    const name = element("span", {}, plain(path.at(-1)));
    if (this.#isSame(value, path)) return element("label", { class: "leaf" }, name, input);
    const words = this.say("put-back", { path: place });
    const back = { type: "button", class: "was", "aria-label": words, click: () => this.change(path, before) };
    const was = element("button", back, `↶ ${plain(JSON.stringify(before) ?? "—")}`);
    return element("label", { class: "leaf edited" }, name, input, was);
  }

  /** Buttons that move an item of a list or take it out. */
  #moves(list, path) {
    const [parent, at] = [path.slice(0, -1), path.at(-1)];
    const out = () => this.change(parent, [...list.slice(0, at), ...list.slice(at + 1)]);
    const swap = () => this.change(parent, [...list.slice(0, at - 1), list[at], list[at - 1], ...list.slice(at + 1)]);
    const button = (key, sign, click) => {
      const words = this.say(key);
      return element("button", { type: "button", title: words, "aria-label": `${words}: ${path.join(".")}`, click }, sign);
    };
    return element("span", { class: "moves" }, at > 0 ? button("up", "↑", swap) : null, button("out", "×", out));
  }

  #isSame(value, path) {
    return JSON.stringify(partAt(this.original, path)) === JSON.stringify(value);
  }
}

function kindOf(value) {
  return Array.isArray(value) ? "list" : value && typeof value === "object" ? "object" : "value";
}

/** What stands at a path; undefined where there is nothing. */
function partAt(tree, path) {
  return path.reduce((part, step) => part?.[step], tree);
}
