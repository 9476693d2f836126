/**
 * What views have in common: their words, their buttons, and parts that are drawn at each look at the network.
 */

import { element } from "./elements.js";
import { Problem } from "./source.js";
import { speaker } from "./speech.js";

/** A view: `show` when it becomes visible or the address changed, `update` at each look at the network. */
export class View {
  constructor(page, name, classes = name) {
    this.page = page;
    this.say = speaker(page, name);
    this.root = element("section", { class: classes });
  }

  hide() {}

  update() {}

  /** Goes on with something that may fail. */
  run(promise) {
    promise.catch((error) => this.page.fail(error));
  }

  /** @returns {HTMLButtonElement} with its words, or with a sign that the words then name */
  button(key, click, { sign, ...attributes } = {}) {
    const words = this.say(key);
    const named = sign && { title: words, "aria-label": words };
    return element("button", { type: "button", "data-do": key, click, ...named, ...attributes }, sign ?? words);
  }
}

/** A form whose answers are taken by `submit`. */
export function formOf(submit, attributes, ...children) {
  const send = (event) => {
    event.preventDefault();
    submit();
  };
  return element("form", { ...attributes, submit: send }, ...children);
}

/** A part that is opened by whoever wants to see it. */
export function folded(summary, ...children) {
  return element("details", {}, element("summary", {}, ...[summary].flat()), ...children);
}

/** A text that is less than its neighbours. */
export function quiet(text) {
  return element("p", { class: "quiet" }, text);
}

/** Of what became of something: good, bad, or neither. */
export function outcome(kind, ...children) {
  return element("p", { class: `outcome ${kind}` }, ...children);
}

/** Why something was refused, as words; our own mistakes go on. */
export function refusal(error) {
  if (!(error instanceof Problem)) throw error;
  return outcome("rejected", error.message);
}

export function options(values, chosen, said = (value) => value) {
  return values.map((value) => element("option", { value, selected: value === chosen }, said(value) || "—"));
}

/** Writes only what differs: the focus stays, and whoever hears the page is told of changes alone. */
export function write(place, parts) {
  const text = parts.map((part) => `${part.className} ${part.textContent}`).join("\n");
  if (place.getAttribute("data-text") !== text) place.replaceChildren(...parts);
  place.setAttribute("data-text", text);
}

/** A link that saves a text as a file. */
export function fileLink(name, text, words = name) {
  return element("a", { href: URL.createObjectURL(new Blob([text])), download: name }, words);
}

/** Hands a text to the browser as a file. */
export function saveFile(name, text) {
  const link = fileLink(name, text);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
