/**
 * What can be done: buttons and keys from one list, the scrubber, and the switches for kinds of messages.
 */

import { element } from "./elements.js";
import { KINDS } from "./labels.js";
import { say } from "./speech.js";

/** @typedef {{ name: string, keys: string[], sign?: string, run: () => void }} Action `sign` puts it on a button */
/** @typedef {import("./speech.js").Language} Language */

export class Controls {
  /**
   * @param {HTMLElement} place
   * @param {Action[]} actions
   * @param {{ count: number, goTo: (index: number) => void, toggle: (kind: import("./labels.js").Kind) => void }} options
   */
  constructor(place, actions, options) {
    this.actions = actions;
    this.count = options.count;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    for (const { name, sign, run } of actions) {
      if (sign) this.buttons.set(name, element("button", { type: "button", click: run }, sign));
    }
    this.kinds = new Map(KINDS.map((kind, i) => [kind, this.#switch(kind, i, options.toggle)]));
    this.strip = element("div", { class: "strip-place" });
    const move = () => options.goTo(this.range.valueAsNumber);
    this.range = element("input", { type: "range", min: 0, max: options.count - 1, step: 1, input: move });
    this.place = element("output", { class: "position" });
    this.speed = element("output", { class: "speed" });
    this.window = element("output", { class: "window" });
    this.#arrange(place);
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /**
   * @param {import("./diagram.js").View & { isPlaying: boolean, speed: number, sentence: string, hasBreach: boolean, isByOrder: boolean }} view
   */
  draw(view) {
    const { language } = view;
    for (const [name, button] of this.buttons) this.#name(button, name, language);
    const play = this.buttons.get("do-play");
    if (play) {
      play.textContent = view.isPlaying ? "❚❚" : "▶";
      this.#name(play, view.isPlaying ? "do-pause" : "do-play", language);
    }
    this.buttons.get("do-breach")?.toggleAttribute("hidden", !view.hasBreach);
    this.buttons.get("do-language")?.replaceChildren(say(language, "other-language"));
    for (const [kind, button] of this.kinds) {
      button.setAttribute("aria-pressed", String(!view.hidden.has(kind)));
      button.lastElementChild?.replaceChildren(say(language, kind));
    }
    this.range.valueAsNumber = view.index;
    this.place.textContent = say(language, "position", { number: view.index + 1, count: this.count });
    this.range.setAttribute("aria-label", say(language, "position", { number: view.index + 1, count: this.count }));
    this.range.setAttribute("aria-valuetext", view.sentence);
    this.speed.textContent = say(language, view.isByOrder ? "speed-order" : "speed", { speed: view.speed });
    this.window.textContent = say(language, view.isByOrder ? "window-order" : "window", { span: Math.round(view.span) });
  }

  /** @param {HTMLElement} place */
  #arrange(place) {
    const group = (/** @type {string} */ name, /** @type {(Node | undefined)[]} */ ...parts) =>
      element("div", { class: name }, ...parts);
    const of = (/** @type {string[]} */ ...names) => names.map((name) => this.buttons.get(`do-${name}`));
    place.replaceChildren(
      this.strip,
      this.range,
      group(
        "row",
        group("group", ...of("first", "event-back", "back", "play", "forward", "event-forward", "last", "breach")),
        this.place,
        group("group", ...of("slower"), this.speed, ...of("faster")),
        group("group", ...of("out"), this.window, ...of("in")),
        group("group", ...of("order", "language", "theme", "help")),
      ),
      group("row kinds", ...this.kinds.values()),
    );
  }

  /**
   * @param {import("./labels.js").Kind} kind
   * @param {number} i
   * @param {(kind: import("./labels.js").Kind) => void} toggle
   */
  #switch(kind, i, toggle) {
    const key = element("kbd", {}, i + 1);
    return element("button", { type: "button", class: `kind ${kind}`, click: () => toggle(kind) }, key, element("span"));
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {string} name
   * @param {Language} language
   */
  #name(button, name, language) {
    const keys = this.actions.find((action) => action.name === (name === "do-pause" ? "do-play" : name))?.keys ?? [];
    button.setAttribute("aria-label", say(language, name));
    button.title = `${say(language, name)} (${keys.map(keyName).join(", ")})`;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (event.key === " " && target instanceof HTMLButtonElement) return;
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const action = this.actions.find(({ keys }) => keys.includes(key));
    if (!action) return;
    event.preventDefault();
    action.run();
  }
}

/**
 * @param {string} key as browsers name it
 * @returns {string} as a person reads it
 */
export function keyName(key) {
  return key.replace("ArrowLeft", "←").replace("ArrowRight", "→").replace(/^ $/, "Space");
}
