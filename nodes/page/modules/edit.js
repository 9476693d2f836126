/**
 * A tree of values that a person edits: fields with an input each, lists whose items can be taken out or moved.
 */

import { element } from "./elements.js";
import { folded } from "./parts.js";
import { parsed, plain } from "./values.js";

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
  /** `change` takes a path and its value once they are settled, `typed` while somebody types. */
  constructor(original, say, change, typed) {
    this.original = original;
    this.say = say;
    this.change = change;
    this.typed = typed;
    /** Paths that are drawn elsewhere. */
    this.elsewhere = new Set();
    /** Parts that were opened or closed by hand. */
    this.open = new Map();
  }

  /** The parts of a value, each a line. */
  list(value, path = []) {
    const isList = Array.isArray(value);
    const inner = Object.keys(value).map((name) => [...path, isList ? Number(name) : name]);
    const kept = inner.filter((one) => !this.elsewhere.has(one.join(".")));
    const row = (one) => element("li", {}, this.#draw(value[one.at(-1)], one), isList ? this.#moves(value, one) : null);
    return element("ul", {}, ...kept.map(row));
  }

  /** A leaf, or a part that opens: at first only where something in it is edited. */
  #draw(value, path) {
    if (!value || typeof value !== "object") return this.#leaf(value, path);
    const here = editsOf(partAt(this.original, path), value, path).filter((edit) => !this.#isElsewhere(edit.path.join(".")));
    const [key, isSame, isList] = [path.join("/"), !here.length, Array.isArray(value)];
    const whole = folded(`${plain(path.at(-1))} ${isList ? `[${value.length}]` : ""}`, this.list(value, path));
    const isOpen = this.open.get(key) ?? !isSame;
    [whole.open, whole.className] = [isOpen, isSame ? "" : "edited"];
    whole.addEventListener("toggle", () => whole.open !== isOpen && this.open.set(key, whole.open));
    return whole;
  }

  #leaf(value, path) {
    const [before, place] = [partAt(this.original, path), path.join(".")];
    const isText = typeof value === "string";
    const isLong = isText && value.length > LONG_TEXT;
    const given = () => (typeof before === "string" ? input.value : parsed(input.value));
    const type = () => {
      input.closest(".leaf").classList.toggle("edited", !this.#isSame(given(), path));
      this.typed(path, given());
    };
    const named = { spellcheck: "false", autocapitalize: "off", "data-path": place, "aria-label": place };
    const attributes = { ...named, change: () => this.change(path, given()), input: type };
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

  #isElsewhere(place) {
    return [...this.elsewhere].some((one) => place.startsWith(`${one}.`));
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
