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
import { table } from "./values.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  none: [
    "This lab plays no story. `tallystick network up --lab --scenario NAME` starts one that does.",
    "本实验网络没有故事。用 `tallystick network up --lab --scenario NAME` 启动一个有故事的网络。",
  ],
  told: ["Step {number} of {of}; told so far: {at}", "第 {number} 步，共 {of} 步；已讲述 {at} 步"],
  first: ["First step", "第一步"],
  back: ["Step back (looks only)", "后退一步（只看）"],
  forward: ["Step forward (looks only)", "前进一步（只看）"],
  last: ["The newest told step", "最新讲述的步骤"],
  next: ["Tell the next step", "讲述下一步"],
  "play-to": ["Play up to step {number}", "播放到第 {number} 步"],
  branch: ["Go back and branch …", "回到此处并另开分支……"],
  "branch-why": [
    "Looking back changes nothing. This does: the whole ledger is reset to its genesis and the story is played again up to step {number}. From there another history can follow. Two branches signed by the same keys are equivocation: whoever holds blocks of both can convict their signers. In a lab that is fine; elsewhere nobody may do it.",
    "只看过去的步骤不会改变任何东西；这里会：整个账本重置到创世，再把故事播放到第 {number} 步，之后可以走向另一段历史。同一批密钥签署的两个分支就是双重签署：谁同时持有两个分支的区块，就能指证签署者。在实验中可以这样做，在别处谁也不可以。",
  ],
  "do-branch": ["Reset, and play to step {number}", "重置并播放到第 {number} 步"],
  scrubber: ["Step in view", "所看步骤"],
  chapters: ["Chapters", "章节"],
  date: ["date", "日期"],
  who: ["who", "谁"],
  what: ["what happens", "所发生之事"],
  ended: ["how it ended", "结果"],
  done: ["✓ took effect", "✓ 已写入账本"],
  "not-told": ["not told yet", "尚未讲述"],
  "you-are": ["You are {name}.", "您是 {name}。"],
  "you-value": ["You see everything in this step.", "此步骤的内容您全部可见。"],
  "you-digest": ["Of what is sealed here you see digests only.", "此处的密封内容，您只能看到摘要。"],
  "name-of": ["{name} ({member})", "{name}（{member}）"],
  stranger: ["This story has no part for you: you see what stands on the ledger.", "此故事中没有您的角色：您看到的是账本上的内容。"],
  nobody: ["You look as nobody: as digests whatever is sealed.", "您未选择身份：密封内容只显示摘要。"],
};

/** While a long story plays, its rows are asked for this seldom; the newest step comes by itself. */
const WHILE_PLAYING_MS = 4000;

export class StoryView extends View {
  constructor(page) {
    super(page, "story", WORDS);
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
    const step = `${kind}${number} ${number <= network.story.at}`;
    if (step !== this.asked.step) {
      const detail = number ? await source.get(`/story/steps/${number}?${query}`) : null;
      if (turn !== this.turn) return false;
      [this.detail, this.asked.step] = [detail, step];
      const { told, refused, date } = detail ?? {};
      if (told) Object.assign(this.story.steps[number - 1], { told, refused, date });
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
    this.heading = element("h2");
    this.notes = element("div", { "aria-live": "polite" });
    this.you = element("p", { class: "you" });
    const input = () => this.#look(this.range.valueAsNumber);
    this.range = element("input", { type: "range", min: 1, step: 1, "aria-label": this.say("scrubber"), input });
    this.place = element("output", { "aria-live": "polite" });
    this.next = this.button("next", () => this.#order({ do: "next" }));
    this.play = this.button("play", () => this.toggle());
    this.playTo = this.button("play-to", () => this.#order({ to: this.number }));
    this.why = element("p", { class: "quiet", id: "branch-why" });
    this.doBranch = this.button("branch", () => this.#order({ to: this.number }), { "aria-describedby": "branch-why" });
    this.branch = folded(this.say("branch"), this.why, this.doBranch);
    this.branch.className = "branch";
    this.cannot = element("p", { class: "quiet cannot" }, this.say("cannot-act"));
    this.chapters = element("nav", { class: "row chapters", "aria-label": this.say("chapters") });
    this.lanes = element("div", { class: "picture" });
    this.rows = element("div");
    this.table = folded(this.say("as-table"), this.rows);
    this.table.addEventListener("toggle", () => this.#drawTable());
    const looks = [
      this.button("first", () => this.#look(1), { sign: "|‹" }),
      this.button("back", () => this.step(-1), { sign: "‹" }),
      this.button("forward", () => this.step(1), { sign: "›" }),
      this.button("last", () => this.page.go({ step: undefined }), { sign: "›|" }),
    ];
    const deeds = element("div", { class: "row" }, ...looks, this.place, this.next, this.play, this.playTo);
    const head = [this.heading, this.notes, this.you, this.range, deeds, this.cannot, this.branch, this.chapters];
    this.root.replaceChildren(...head, this.lanes, this.table, this.inFull.root);
    new ResizeObserver(() => this.#drawLanes()).observe(this.lanes);
  }

  #draw() {
    const { story, number, page, isPlaying } = this;
    const { network, language } = page;
    const { at } = network.story;
    const mayAct = page.canAct && !network.frozen;
    this.heading.textContent = story.title;
    const notes = [story.branch_note, story.failure?.sentence, network.together < network.quorum && network.why[language]];
    write(this.notes, notes.filter(Boolean).map((text) => element("p", { class: "banner wait" }, text)));
    this.you.textContent = this.#who();
    this.range.max = story.of;
    this.range.valueAsNumber = Math.max(1, number);
    this.place.textContent = this.say("told", { number, of: story.of, at });
    this.play.textContent = this.say(isPlaying ? "pause" : "play");
    this.playTo.textContent = this.say("play-to", { number });
    this.playTo.hidden = number <= at;
    for (const one of [this.next, this.play, this.playTo]) one.disabled = !mayAct || at >= story.of;
    this.next.disabled ||= isPlaying;
    this.cannot.hidden = mayAct;
    this.branch.hidden = number >= at || isPlaying;
    this.why.textContent = this.say("branch-why", { number });
    this.doBranch.textContent = this.say("do-branch", { number });
    this.doBranch.disabled = !mayAct;
    this.#drawChapters();
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
    return `${this.say("you-are", { name: lane ? this.say("name-of", lane) : role })} ${sees}`;
  }

  #drawChapters() {
    const { steps, chapters } = this.story;
    const here = String(steps[this.number - 1]?.chapter ?? 0);
    if (this.chapters.dataset.here === here) return;
    this.chapters.dataset.here = here;
    const links = chapters.map(({ title }, chapter) => {
      const first = steps.find((step) => step.chapter === chapter)?.number ?? 1;
      return this.#link(first, `${chapter + 1}. ${title}`, { "aria-current": String(chapter) === here && "step" });
    });
    this.chapters.replaceChildren(...links);
  }

  #drawLanes() {
    if (!this.story || !this.lanes?.isConnected) return;
    const { address, language } = this.page;
    drawLanes(this.lanes, this.story, { number: this.number, role: address.role, language, go: (step) => this.#look(step) });
  }

  #drawTable() {
    const { story, number } = this;
    const key = `${this.asked.story} ${number}`;
    if (!story || !this.table.open || this.rows.dataset.shown === key) return;
    this.rows.dataset.shown = key;
    const rows = story.steps.map((step) => {
      const ended = !step.told ? "not-told" : step.refused ? "refused" : step.kind === "clock" ? "time-passes" : "done";
      const cells = [this.#link(step.number, step.number), step.date, step.who, step.words, this.say(ended)];
      return { cells, "aria-current": step.number === number && "step" };
    });
    const heads = ["step", "date", "who", "what", "ended"].map((name) => this.say(name));
    this.rows.replaceChildren(table(heads, rows, this.say("as-table"), { class: "steps", caption: story.title, isHeaded: true }));
  }

  #link(step, text, attributes = {}) {
    return element("a", { href: writeAddress(this.page.address, { step }), ...attributes }, text);
  }
}
