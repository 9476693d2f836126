/**
 * What can be done: a button for each action that has a sign, the scrubber, and the switches for kinds of messages.
 */

import { element, shape } from "./elements.js";
import { keyNames } from "./keys.js";
import { KINDS } from "./labels.js";
import { say } from "./speech.js";

/** The class of a tick by kind of record; later ones are drawn over earlier ones. */
const TICKS = { decided: "decided", timeout: "timeout", crash: "crash", diverged: "breach", failure: "breach" };

export class Controls {
  constructor(place, actions, viewing) {
    this.actions = actions.filter(({ sign }) => sign);
    this.viewing = viewing;
    const button = ({ name, sign, run }) => [name, element("button", { type: "button", click: run }, sign)];
    this.buttons = new Map(this.actions.map(button));
    this.kinds = new Map(KINDS.map((kind, i) => [kind, this.#switch(kind, i)]));
    this.strip = element("div", { class: "strip-place" });
    const input = () => viewing.player.goTo(this.range.valueAsNumber);
    this.range = element("input", { type: "range", min: 0, max: viewing.log.records.length - 1, step: 1, input });
    this.place = element("output", { class: "position" });
    this.speed = element("output", { class: "speed" });
    this.window = element("output", { class: "window" });
    this.#arrange(place);
  }

  /** `sentence` says the record under the cursor. */
  draw(sentence, language) {
    const { log, player, replay } = this.viewing;
    const { index, span, hidden } = this.viewing.view(language);
    for (const { name, keys, words } of this.actions) {
      const text = name === "do-play" && player.isPlaying ? say(language, "do-pause") : words();
      this.buttons.get(name).setAttribute("aria-label", text);
      this.buttons.get(name).title = `${text} (${keyNames(keys).join(", ")})`;
    }
    this.buttons.get("do-play").textContent = player.isPlaying ? "❚❚" : "▶";
    this.buttons.get("do-breach").hidden = !replay.breaches.length;
    this.buttons.get("do-language").textContent = say(language, "other-language");
    for (const [kind, button] of this.kinds) {
      button.setAttribute("aria-pressed", String(!hidden.has(kind)));
      button.lastElementChild.textContent = say(language, kind);
    }
    this.range.valueAsNumber = index;
    this.place.textContent = say(language, "position", { number: index + 1, count: log.records.length });
    this.range.setAttribute("aria-label", this.place.textContent);
    this.range.setAttribute("aria-valuetext", sentence);
    this.speed.textContent = say(language, log.isByOrder ? "speed-order" : "speed", { speed: player.speed });
    this.window.textContent = say(language, log.isByOrder ? "window-order" : "window", { span: Math.round(span) });
  }

  /** Above the scrubber, where in the log something happened: decisions, timers, crashes, breaches. */
  drawStrip() {
    const { log, replay } = this.viewing;
    const count = Math.max(1, log.records.length - 1);
    const columns = Math.max(1, Math.floor(this.strip.clientWidth / 2));
    /** Columns by class: many records may share one. */
    const ticks = new Map(["decided", "timeout", "crash", "breach"].map((name) => [name, new Set()]));
    const put = (name, index) => ticks.get(name)?.add(Math.round((index / count) * columns));
    for (const index of log.events) put(TICKS[log.records[index].kind], index);
    for (const { index } of replay.breaches) put("breach", index);
    const paths = [...ticks].map(([name, at]) => shape("path", { class: name, d: [...at].map((x) => `M${x} 0V10`).join("") }));
    const options = { class: "strip", viewBox: `0 0 ${columns} 10`, preserveAspectRatio: "none", "aria-hidden": "true" };
    this.strip.replaceChildren(shape("svg", options, ...paths));
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

  #switch(kind, i) {
    const attributes = { type: "button", class: `kind ${kind}`, click: () => this.viewing.toggle(kind) };
    return element("button", attributes, element("kbd", {}, i + 1), element("span"));
  }
}
