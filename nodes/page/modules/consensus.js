/**
 * The view Consensus: who sent what to whom, a message at a time and what each means: the newest records of the lab's log, or
 * those of the step of the story that the address names. Beside the newest stands what each node holds and why it waits now;
 * beside the past what held then.
 */

import { element } from "./elements.js";
import { legend } from "./help.js";
import { action } from "./keys.js";
import { KINDS } from "./labels.js";
import { drawLight } from "./lights.js";
import { Log } from "./log.js";
import { goesOn, meaning } from "./meaning.js";
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
    /** Whether a person wants the table of what each node holds; null: while something is under way. */
    this.wantsTable = null;
    /** Kept from one log to the next. */
    this.speed = 0;
  }

  async show() {
    if (this.language !== this.page.language) this.#build();
    const { step } = this.page.address;
    if (step !== this.ofStep) await this.#choose(step);
    await this.update(this.page.network);
    this.#draw();
  }

  step(way) {
    this.#pause(({ player }) => player.jump(way, player.wanted));
  }

  /** Plays on; from the newest record, its height once more. */
  toggle() {
    this.#pause(({ player, log }) => {
      const { heightAt, ofHeight } = log;
      const height = Math.max(0, ...log.records.filter(({ kind }) => kind === "decided").map((record) => record.height));
      const isAtEnd = log.next(player.index, 1, player.wanted) === log.records.length - 1;
      if (!player.isPlaying && isAtEnd) player.goTo(ofHeight.get(height || heightAt.at(-1))?.[0] ?? 0);
      player.toggle();
    });
  }

  hide() {
    if (this.shown?.player.isPlaying) this.shown.player.toggle();
  }

  async update(network) {
    const { isLab, language } = this.page;
    this.#drawNow(network);
    write(this.nodes, [nodeTable(network, this.say, language)]);
    if (!isLab) return;
    try {
      const isNew = await this.recent.poll(network);
      if (this.isFollowing && (isNew || !this.shown)) this.#take(this.recent.records);
    } catch (error) {
      this.page.fail(error);
    }
  }

  /** The light of the present, which is green while nothing is to do and a quorum runs. */
  #drawNow(network) {
    const { nodes, why } = network;
    const awake = nodes.filter(({ consensus }) => consensus);
    const { validators = [], quorum = network.quorum } = awake[0]?.consensus ?? {};
    this.quorum = quorum;
    const isIdle = awake.length > 0 && awake.every(({ consensus }) => consensus.waits_for === "work");
    const isReady = isIdle && awake.filter(({ member }) => validators.includes(member)).length >= quorum;
    const text = why?.[this.page.language] ?? this.#awaited(nodes[0].consensus);
    drawLight(this.why, this.say(isReady ? "ready" : "why"), { shine: isReady ? "good" : "wait", text });
    this.table.open = this.wantsTable ?? !isIdle;
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
      own("slower", ",", "", () => this.#changePace(-1)),
      own("faster", ".", "", () => this.#changePace(1)),
      own("out", "x", "−", () => this.shown?.zoomBy(1)),
      own("in", "z", "+", () => this.shown?.zoomBy(-1)),
      own("order", "o", "|||", () => this.#changeOrder()),
    ];
  }

  #build() {
    this.language = this.page.language;
    this.why = element("div", { class: "light why", "aria-live": "polite" });
    this.past = element("div", { class: "banner wait past", "aria-live": "polite" });
    this.about = element("p", { class: "quiet about" });
    this.lights = [element("div", { class: "light", role: "group" }), element("div", { class: "light", role: "group" })];
    this.then = element("div", { class: "lights" }, ...this.lights);
    this.nodes = element("div");
    this.table = folded(this.say("holds-now"), this.nodes);
    this.table.firstChild.addEventListener("click", () => (this.wantsTable = !this.table.open));
    const input = () => this.#pause(({ player }) => player.goTo(this.range.valueAsNumber));
    this.range = element("input", { type: "range", min: 0, step: 1, "aria-label": this.say("messages"), input });
    this.place = element("output");
    this.pace = element("output");
    this.diagram = element("div", { class: "picture" });
    this.now = element("p", { class: "now", "aria-live": "off" });
    this.record = element("p", { class: "quiet" });
    this.statements = element("div");
    this.records = element("div");
    const buttons = this.actions().map(({ name, sign, run }) => this.button(name, run, { sign: sign || undefined }));
    const parts = [folded(say(this.language, "statements"), this.statements), folded(this.say("as-table"), this.records)];
    for (const part of parts) part.addEventListener("toggle", () => this.#draw());
    const deeds = element("div", { class: "row" }, ...buttons, this.pace, this.place);
    const kinds = element("div", { class: "row" }, ...KINDS.map((kind) => this.#switch(kind)), legend(this.language));
    this.talk = element("div", {}, this.now, this.diagram, this.range, deeds, kinds, this.record, this.then);
    this.root.replaceChildren(
      element("h2", {}, this.say("title")),
      this.past,
      this.why,
      this.talk,
      this.about,
      this.table,
      element("div", { hidden: !this.page.isLab }, ...parts),
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
      if (this.isByOrder ?? !this.isOfStep) log.isByOrder = true;
      const wanted = (_, at) => !this.choices.hidden.has(log.flightOf[at]?.kind) && !goesOn(log, at);
      const traitors = nodes.filter((node) => node.traitor).map((node) => node.member);
      const fit = this.isOfStep ? ({ extent }) => extent * 1.25 : newestWidth;
      this.shown = new Viewing(log, traitors, () => this.#draw(), { fit, choices: this.choices, begin: stateAmid(log), wanted });
      this.shown.player.speed = this.speed || this.shown.player.speed;
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

  #changePace(way) {
    this.shown?.player.changeSpeed(way);
    this.speed = this.shown?.player.speed ?? this.speed;
  }

  #changeOrder() {
    this.shown?.changeOrder();
    this.isByOrder = this.shown?.log.isByOrder ?? this.isByOrder;
  }

  #draw() {
    const { language } = this.page;
    const isPast = this.isOfStep || !this.isFollowing;
    [this.past.hidden, this.why.hidden, this.table.hidden] = [!isPast, isPast, isPast];
    const about = this.isOfStep ? "of-step" : this.isFollowing ? "live" : "paused";
    const left = this.recent.dropped && !this.isOfStep ? this.say("dropped", { count: this.recent.dropped }) : "";
    const { isLab, network } = this.page;
    const isNew = network.nodes.every(({ height }) => !height) && !this.shown?.log.flights.some(({ kind }) => kind !== "other");
    const isSilent = !isPast && (isNew || !this.shown);
    this.talk.hidden = isSilent;
    const told = this.say(isSilent ? "nothing" : about, { step: this.ofStep ?? 0 });
    this.about.textContent = [told, left].join(language === "zh" ? "" : " ");
    if (isPast) write(this.past, [element("span", {}, this.about.textContent), this.button("follow", () => this.#follow())]);
    this.about.hidden = isPast || !isLab;
    if (!this.shown || !this.root.isConnected) return;
    const { log, player: { index } } = this.shown;
    this.shown.draw(this.diagram, this.lights, language);
    this.range.max = String(log.records.length - 1);
    this.range.valueAsNumber = index;
    this.root.querySelector("[data-do=order]")?.setAttribute("aria-pressed", String(log.isByOrder));
    this.place.textContent = say(language, "position", { number: index + 1, count: log.records.length });
    this.pace.textContent = this.say("pace", { pace: this.shown.player.speed });
    const play = this.root.querySelector("[data-do=do-play]");
    play.textContent = this.shown.player.isPlaying ? "❚❚" : "▶";
    this.lights[1].hidden = !isPast; // the present has a light of its own
    this.now.textContent = meaning(log, index, language, this.quorum);
    const said = `${log.records[index].node ?? ""} ${log.sentence(index, language)}`;
    this.record.textContent = `${log.time(index).toLocaleString("en")} ms · ${said}`;
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
