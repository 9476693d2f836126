/**
 * The view Story: the story that the lab plays, as swimlanes and as a table, and the step in view: what was called, who
 * signed, what changed, who may see it. Looking back never changes the ledger; going back does, and says so.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { action } from "./keys.js";
import { View, folded, quiet, write } from "./parts.js";
import { StepInFull } from "./step.js";
import { drawLanes } from "./swimlanes.js";
import { saidTable } from "./values.js";

/** While a long story plays, its rows are asked for this seldom; the newest step comes by itself. */
const WHILE_PLAYING_MS = 4000;

export class StoryView extends View {
  constructor(page) {
    super(page, "story");
    this.story = null;
    /** The step in view, in full. */
    this.detail = null;
    /** What the answers in hand were asked for. */
    this.asked = { story: "", step: "" };
    this.readMs = 0;
    this.turn = 0;
    /** Roles that have no part in this story. */
    this.strangers = new Set();
    this.inFull = new StepInFull(page);
    /** What is drawn in it. */
    this.drawn = "";
    this.language = "";
  }

  /** Number of the step in view: that of the address, else the newest told one. */
  get number() {
    const { address, network } = this.page;
    return Math.min(address.step ?? network.story?.at ?? 0, network.story?.of ?? 0);
  }

  async show() {
    const { role = "" } = this.page.address;
    if (!this.page.network.story) return this.root.replaceChildren(element("p", {}, this.say("none")));
    try {
      if (!(await this.#ask(this.strangers.has(role) ? "" : role))) return;
    } catch (error) {
      if (error.code !== "unknown-role") throw error;
      this.strangers.add(role);
      return this.show();
    }
    if (this.language !== this.page.language) this.#build();
    this.#draw();
  }

  /** Asks for the rows and for the step in view, as far as they are not at hand; whether nothing else was asked for meanwhile. */
  async #ask(role) {
    const { language, network, source } = this.page;
    const turn = ++this.turn;
    const query = `lang=${language}&role=${encodeURIComponent(role)}`;
    const kind = `${query} ${network.generation} `;
    const rows = `${kind}${network.story.at} ${network.story.playing}`;
    const mayWait = network.story.playing && this.asked.story.startsWith(kind) && Date.now() - this.readMs < WHILE_PLAYING_MS;
    if (rows !== this.asked.story && !mayWait) {
      const story = await source.get(`/story?${query}`);
      if (turn !== this.turn) return false;
      [this.story, this.asked.story, this.readMs] = [story, rows, Date.now()];
    }
    const { number } = this;
    const step = `${kind}${number} ${Math.min(number, network.story.at)}`;
    if (step !== this.asked.step) {
      const detail = number ? await source.get(`/story/steps/${number}?${query}`) : null;
      if (turn !== this.turn) return false;
      [this.detail, this.asked.step] = [detail, step];
      const { told, refused, date, moves } = detail ?? {};
      if (told) Object.assign(this.story.steps[number - 1], { told, refused, date, moves });
    }
    return true;
  }

  update() {
    this.run(this.show());
  }

  step(way) {
    this.#look(this.number + way);
  }

  toggle() {
    if (this.page.canAct) this.#order({ do: this.isPlaying ? "pause" : "play" });
  }

  /** Whether steps are told one after another, by themselves or up to one that was wished. */
  get isPlaying() {
    const { job, story } = this.page.network;
    return story?.playing || (job?.what === "story" && job.state === "running");
  }

  actions() {
    return [
      action(this.say, "next", ["n"], () => this.page.canAct && this.#order({ do: "next" })),
      action(this.say, "first", ["Home"], () => this.#look(1)),
      action(this.say, "last", ["End"], () => this.page.go({ step: undefined })),
    ];
  }

  #look(number) {
    this.page.go({ step: Math.min(Math.max(number, 1), this.story?.of ?? 1) });
  }

  async #order(body) {
    this.page.go({ step: body.to });
    await this.page.order("/story", body);
    this.asked.story = "";
  }

  #build() {
    this.language = this.page.language;
    this.lead = element("p", { class: "lead" });
    this.notes = element("div", { "aria-live": "polite" });
    this.next = this.button("next", () => this.#order({ do: "next" }), { class: "main" });
    this.play = this.button("play", () => this.toggle());
    this.playTo = this.button("play-to", () => this.#order({ to: this.number }));
    this.place = element("output");
    const { title, chapters, steps } = this.story;
    const begin = () => this.#look(steps.find(({ chapter }) => chapter === this.chapters.selectedIndex).number);
    const titles = chapters.map((chapter, i) => element("option", {}, `${i + 1}. ${chapter.title}`));
    this.chapters = element("select", { "aria-label": this.say("chapters"), change: begin }, ...titles);
    const looks = [
      this.chapters,
      this.button("back", () => this.step(-1), { sign: "‹" }),
      this.place,
      this.button("forward", () => this.step(1), { sign: "›" }),
      this.button("last", () => this.page.go({ step: undefined }), { sign: "›|" }),
    ];
    this.looks = element("span", { class: "looks" }, ...looks);
    this.now = element("p", { class: "now", "aria-live": "polite" });
    this.lanes = element("div", { class: "picture" });
    this.why = element("p", { class: "quiet", id: "branch-why" });
    this.doBranch = this.button("branch", () => this.#order({ to: this.number }), { "aria-describedby": "branch-why" });
    this.branch = folded(this.say("branch"), this.why, this.doBranch);
    this.branch.className = "branch";
    this.rows = element("div");
    this.table = folded(this.say("as-table"), this.rows);
    this.table.addEventListener("toggle", () => this.#drawTable());
    this.you = element("p", { class: "quiet you" });
    const deeds = element("div", { class: "row deeds" }, this.next, this.play, this.playTo, this.looks);
    const parts = [this.now, this.lanes, this.inFull.root, this.you, this.branch, this.table];
    this.root.replaceChildren(element("h2", {}, title), this.lead, this.notes, deeds, ...parts);
    new ResizeObserver(() => this.#drawLanes()).observe(this.lanes);
  }

  #draw() {
    const { story, number, page, isPlaying } = this;
    const { network, language } = page;
    const { at } = network.story;
    const mayAct = page.canAct && !network.frozen;
    const notes = [story.branch_note, story.failure?.sentence, network.together < network.quorum && network.why[language]];
    write(this.notes, notes.filter(Boolean).map((text) => element("p", { class: "banner wait" }, text)));
    const todo = !mayAct ? "cannot-act" : at >= story.of ? "over" : isPlaying ? "playing" : "press";
    this.next.textContent = this.say(at ? "next" : "begin");
    this.lead.textContent = this.say("lead", { todo: this.say(todo, { button: this.next.textContent }) });
    this.you.textContent = this.#who();
    for (const part of [this.now, this.looks, this.you, this.table]) part.hidden = !number;
    this.place.textContent = this.say(number === at ? "place" : "told", { number, of: story.of, at });
    this.play.textContent = this.say(isPlaying ? "pause" : "play");
    this.playTo.textContent = this.say("play-to", { number });
    this.playTo.hidden = number <= at;
    for (const one of [this.next, this.play, this.playTo]) one.disabled = !mayAct || at >= story.of;
    this.next.disabled ||= isPlaying;
    this.branch.hidden = number >= at || isPlaying;
    this.why.textContent = this.say("branch-why", { number });
    this.doBranch.textContent = this.say("do-branch", { number });
    this.doBranch.disabled = !mayAct;
    const { date = "", who = "", words = "" } = story.steps[number - 1] ?? {};
    write(this.now, [element("span", { class: "quiet" }, date, " ", element("b", {}, who)), element("span", {}, words)]);
    this.chapters.selectedIndex = story.steps[number - 1]?.chapter ?? 0;
    this.#drawLanes();
    this.#drawTable();
    const key = `${this.asked.step} ${at >= number}`;
    if (!number) this.inFull.root.replaceChildren();
    else if (this.drawn !== key) this.inFull.draw(story.steps[number - 1], this.detail);
    this.drawn = key;
  }

  /** Who looks, and what that sees. */
  #who() {
    const { role } = this.page.address;
    if (!role) return this.say("nobody");
    const lane = this.story.lanes.find(({ member }) => member === role);
    const { level } = this.detail ?? {};
    const sees = this.strangers.has(role) ? this.say("stranger") : level ? this.say(`you-${level}`) : "";
    return this.say("you-are", { name: lane ? this.say("name-of", lane) : role, sees });
  }

  #drawLanes() {
    const { number, detail, page: { address, language } } = this;
    if (!this.story || !this.lanes?.isConnected) return;
    if (!detail) return this.lanes.replaceChildren(...this.#ahead());
    const go = (step) => this.#look(step);
    drawLanes(this.lanes, this.story, { number, detail, role: address.role, language, go });
  }

  /** Before the first step: what will happen, and who takes part. */
  #ahead() {
    const { summary, chapters, lanes } = this.story;
    const cast = lanes.map(({ name }) => name).join(this.say("comma"));
    return [
      element("p", { class: "lead" }, summary),
      element("ol", {}, ...chapters.map(({ title }) => element("li", { class: "lead" }, title))),
      quiet(this.say("cast", { cast })),
    ];
  }

  #drawTable() {
    const { story, number } = this;
    const key = `${this.asked.story} ${number}`;
    if (!story || !this.table.open || this.rows.dataset.shown === key) return;
    this.rows.dataset.shown = key;
    const rows = story.steps.map((step) => {
      const ended = !step.told ? "not-told" : step.refused ? "refused" : step.kind === "clock" ? "time-passes" : "done";
      const link = element("a", { href: writeAddress(this.page.address, { step: step.number }) }, step.number);
      const cells = [link, step.date, step.who, step.words, this.say(ended)];
      return { cells, "aria-current": step.number === number && "step" };
    });
    const attributes = { class: "steps", caption: story.title, isHeaded: true };
    const heads = ["step", "date", "who", "what", "ended"];
    this.rows.replaceChildren(saidTable(this.say, heads, rows, this.say("as-table"), attributes));
  }
}
