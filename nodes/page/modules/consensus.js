/**
 * The view Consensus: what each node holds and why it waits, the two lights, and who sent what to whom: the newest records
 * of the lab's log, or those of the step of the story that the address names.
 */

import { element } from "./elements.js";
import { action } from "./keys.js";
import { KINDS } from "./labels.js";
import { Log } from "./log.js";
import { nodeTable } from "./meters.js";
import { View, folded, write } from "./parts.js";
import { Recent, recordsBetween } from "./recent.js";
import { stateAmid } from "./replay.js";
import { say } from "./speech.js";
import { drawStatements } from "./statements.js";
import { RecordTable } from "./table.js";
import { Viewing } from "./viewing.js";

/** Messages in view while the newest are followed. */
const FLIGHTS = 60;

export class ConsensusView extends View {
  constructor(page) {
    super(page, "consensus");
    this.recent = new Recent(page.source);
    this.shown = null;
    /** Step of the story that the address named last. */
    this.ofStep = undefined;
    /** Whether the records are those of that step. */
    this.isOfStep = false;
    this.isFollowing = true;
    /** Null: the newest by order, since hours may lie between them; a step by time. */
    this.isByOrder = null;
    /** What a person chose for all the logs that are shown one after another. */
    this.choices = { hidden: new Set(["other"]), zoom: null };
    this.language = "";
  }

  async show() {
    if (this.language !== this.page.language) this.#build();
    const { step } = this.page.address;
    if (step !== this.ofStep) await this.#choose(step);
    await this.update(this.page.network);
    this.#draw();
  }

  step(way) {
    this.#pause(({ player }) => player.step(way));
  }

  toggle() {
    this.#pause(({ player }) => player.toggle());
  }

  hide() {
    if (this.shown?.player.isPlaying) this.shown.player.toggle();
  }

  async update(network) {
    const { isLab, language } = this.page;
    write(this.why, [element("span", {}, network.why?.[language] ?? this.#awaited(network.nodes[0].consensus))]);
    write(this.nodes, [nodeTable(network, this.say, language)]);
    if (!isLab) return;
    try {
      const isNew = await this.recent.poll(network);
      if (this.isFollowing && (isNew || !this.shown)) this.#take(this.recent.records);
    } catch (error) {
      this.page.fail(error);
    }
  }

  /** What a node of no lab waits for, by itself. */
  #awaited(consensus) {
    return this.say("waits", { ...consensus, what: this.say(consensus.waits_for, consensus) });
  }

  actions() {
    const own = (name, key, sign, run) => action(this.say, name, [key], run, sign);
    return [
      own("back", "ArrowLeft", "‹", () => this.step(-1)),
      own("do-play", " ", "▶", () => this.toggle()),
      own("forward", "ArrowRight", "›", () => this.step(1)),
      own("follow", "End", "›|", () => this.#follow()),
      own("out", "x", "−", () => this.shown?.zoomBy(1)),
      own("in", "z", "+", () => this.shown?.zoomBy(-1)),
      own("order", "o", "|||", () => this.#changeOrder()),
    ];
  }

  #build() {
    this.language = this.page.language;
    const live = { class: "light", role: "group" };
    this.lights = [element("div", live), element("div", live)];
    this.why = element("p", { class: "why", "aria-live": "polite" });
    this.nodes = element("div");
    this.about = element("p", { class: "quiet about", "aria-live": "polite" });
    const input = () => this.#pause(({ player }) => player.goTo(this.range.valueAsNumber));
    this.range = element("input", { type: "range", min: 0, step: 1, "aria-label": this.say("messages"), input });
    this.place = element("output");
    this.diagram = element("div", { class: "picture" });
    this.now = element("p", { class: "now", "aria-live": "off" });
    this.statements = element("div");
    this.records = element("div");
    const buttons = this.actions().map(({ name, sign, run }) => this.button(name, run, { sign }));
    const parts = [folded(say(this.language, "statements"), this.statements), folded(this.say("as-table"), this.records)];
    for (const part of parts) part.addEventListener("toggle", () => this.#draw());
    this.root.replaceChildren(
      element("h2", {}, this.say("title")),
      element("div", { class: "lights", hidden: !this.page.isLab }, ...this.lights),
      element("div", { class: "waits" }, element("h3", {}, this.say("why")), this.why),
      this.nodes,
      element(
        "div",
        { hidden: !this.page.isLab },
        element("h3", {}, this.say("messages")),
        this.about,
        this.range,
        element("div", { class: "row" }, ...buttons, this.place, ...KINDS.map((kind) => this.#switch(kind))),
        this.diagram,
        this.now,
        ...parts,
      ),
    );
    new ResizeObserver(() => this.#draw()).observe(this.diagram);
  }

  #switch(kind) {
    const { hidden } = this.choices;
    const click = () => {
      if (!hidden.delete(kind)) hidden.add(kind);
      button.setAttribute("aria-pressed", String(!hidden.has(kind)));
      this.#draw();
    };
    const button = this.button(kind, click, { class: `kind ${kind}`, "aria-pressed": String(!hidden.has(kind)) });
    button.textContent = say(this.page.language, kind);
    return button;
  }

  /** The messages of a step of the story are looked at, or the newest. */
  async #choose(step) {
    this.ofStep = step;
    this.isOfStep = false;
    this.isFollowing = true;
    this.shown = null;
    if (!step) return;
    const { log } = await this.page.source.get(`/story/steps/${step}?lang=${this.page.language}`);
    if (!log) return;
    const records = await recordsBetween(this.page.source, log);
    this.isFollowing = false;
    this.isOfStep = true;
    this.#take(records);
  }

  /** Shows these records from now on, with the cursor at the last. */
  #take(records) {
    this.shown = null;
    if (records.length) {
      const log = new Log(records);
      const nodes = this.page.network.nodes;
      log.nodes = [...new Set([...nodes.map((node) => node.member), ...log.nodes])];
      if (this.isByOrder ?? !this.isOfStep) log.arrange(true);
      const traitors = nodes.filter((node) => node.traitor).map((node) => node.member);
      const fit = this.isOfStep ? ({ extent }) => extent * 1.25 : newestWidth;
      this.shown = new Viewing(log, traitors, () => this.#draw(), { fit, choices: this.choices, begin: stateAmid(log) });
      this.shown.player.goTo(records.length - 1);
    }
    this.#draw();
  }

  #follow() {
    this.isFollowing = true;
    this.isOfStep = false;
    this.#take(this.recent.records);
  }

  #pause(move) {
    this.isFollowing = false;
    if (this.shown) move(this.shown);
  }

  #changeOrder() {
    this.shown?.changeOrder();
    this.isByOrder = this.shown?.log.isByOrder ?? this.isByOrder;
  }

  #draw() {
    const { language } = this.page;
    const about = this.isOfStep ? "of-step" : this.isFollowing ? "live" : "paused";
    const left = this.recent.dropped && !this.isOfStep ? this.say("dropped", { count: this.recent.dropped }) : "";
    this.about.textContent = `${this.say(this.shown ? about : "nothing", { step: this.ofStep ?? 0 })} ${left}`;
    if (!this.shown || !this.root.isConnected) return;
    const { log, player: { index } } = this.shown;
    this.shown.draw(this.diagram, this.lights, language);
    this.range.max = String(log.records.length - 1);
    this.range.valueAsNumber = index;
    this.root.querySelector("[data-do=order]")?.setAttribute("aria-pressed", String(log.isByOrder));
    this.place.textContent = say(language, "position", { number: index + 1, count: log.records.length });
    this.now.textContent = `${log.records[index].node ?? ""} ${log.sentence(index, language)}`;
    if (this.statements.parentElement.open) drawStatements(this.statements, log, index, language);
    const goTo = (chosen) => this.#pause(({ player }) => player.goTo(chosen));
    if (this.records.parentElement.open) new RecordTable(this.records, log, goTo).draw(index, language);
  }
}

/** Of the newest records, the last height fits in, or the last flights. */
function newestWidth(log) {
  const first = Math.max(log.ofHeight.get(log.heightAt.at(-1))?.[0] ?? 0, log.flights.at(-FLIGHTS)?.sent ?? 0);
  return (log.extent - log.place(first)) * 1.25;
}
