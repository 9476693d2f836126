/**
 * A log that is looked at: where in it the cursor stands, how much of it is in view, and which messages are drawn.
 */

import { drawDiagram } from "./diagram.js";
import { drawLight, liveness, safety } from "./lights.js";
import { Player } from "./player.js";
import { Replay } from "./replay.js";
import { say } from "./speech.js";

export class Viewing {
  /**
   * `changed` is called after each move. `fit` gives the width to begin with, which stays until a person zooms. `choices` may
   * outlive the log: kinds of messages that are hidden, and the zoom. `begin` is the state before the first record. `wanted`
   * is true of the records at which the player stops.
   */
  constructor(log, traitors, changed, options = {}) {
    const { fit = usualWidth, choices = { hidden: new Set(["other"]), zoom: null }, begin, wanted } = options;
    this.log = log;
    this.changed = changed;
    this.fit = fit;
    this.choices = choices;
    this.replay = new Replay(log, traitors, begin);
    this.player = new Player(log, changed, wanted);
    this.wanted = fit(log);
  }

  /** Widths of the window, from the nearest to the whole log. */
  get #spans() {
    const [extent, widths] = [this.log.extent, []];
    for (let width = 10; width < extent * 1.2; width *= 1.5) widths.push(Math.round(width));
    return [...widths, Math.max(10, Math.round(extent * 1.2))];
  }

  /** Which of the widths the window has. */
  get #zoom() {
    const spans = this.#spans;
    if (this.choices.zoom !== null) return Math.min(this.choices.zoom, spans.length - 1);
    const found = spans.findIndex((span) => span >= this.wanted);
    return found < 0 ? spans.length - 1 : found;
  }

  /** What the diagram shows, in that language. */
  view(language) {
    const { index, at } = this.player;
    return { index, at, span: this.#spans[this.#zoom], hidden: this.choices.hidden, language };
  }

  zoomBy(way) {
    this.choices.zoom = Math.min(Math.max(0, this.#zoom + way), this.#spans.length - 1);
    this.changed();
  }

  toggle(kind) {
    const { hidden } = this.choices;
    if (!hidden.delete(kind)) hidden.add(kind);
    this.changed();
  }

  /** A column a record, or by time. */
  changeOrder() {
    this.log.isByOrder = !this.log.isByOrder;
    this.choices.zoom = null;
    this.wanted = this.fit(this.log);
    this.player.goTo(this.player.index);
  }

  /** Draws the diagram and the two lights in their places. */
  draw(diagram, lights, language) {
    const { log, replay } = this;
    const view = this.view(language);
    drawDiagram(diagram, log, replay, view);
    drawLight(lights[0], say(language, "safety"), safety(replay.breachAt(view.index), language));
    const time = log.isByOrder ? log.time(view.index) : view.at;
    drawLight(lights[1], say(language, "liveness"), liveness(replay.at(view.index), time, language));
  }
}

/** Some nine times the usual way of a message; by order, messages overlap more. */
function usualWidth(log) {
  const delays = log.flights.filter((f) => f.ends[0]?.why === null).map((f) => log.endOf(f) - log.place(f.sent));
  const usual = delays.sort((a, b) => a - b)[delays.length >> 1] ?? 20;
  return usual * (log.isByOrder ? 3 : 9);
}
