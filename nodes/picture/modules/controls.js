/**
 * What can be done: a button for each action that has a sign, the scrubber, and the switches for kinds of messages.
 */

import { element } from "./elements.js";
import { keyNames } from "./keys.js";
import { KINDS } from "./labels.js";
import { say } from "./speech.js";

export class Controls {
  constructor(place, actions, options) {
    this.actions = actions;
    this.count = options.count;
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
  }

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

  #arrange(place) {
    const group = (name, ...parts) => element("div", { class: name }, ...parts);
    const of = (...names) => names.map((name) => this.buttons.get(`do-${name}`));
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

  #switch(kind, i, toggle) {
    const key = element("kbd", {}, i + 1);
    return element("button", { type: "button", class: `kind ${kind}`, click: () => toggle(kind) }, key, element("span"));
  }

  #name(button, name, language) {
    const keys = this.actions.find((action) => action.name === (name === "do-pause" ? "do-play" : name))?.keys ?? [];
    button.setAttribute("aria-label", say(language, name));
    button.title = `${say(language, name)} (${keyNames(keys).join(", ")})`;
  }
}
