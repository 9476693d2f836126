/**
 * The view Record: what this group did when, the checkpoints from which it can go on, and the report to take home.
 * In a report written to disk it says what that file holds.
 */

import { element } from "./elements.js";
import { CONTROL, Problem } from "./source.js";
import { instant, speaker } from "./speech.js";
import { table } from "./values.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  report: ["Report of this group", "本组报告"],
  "take-home": [
    "One file with the story, the messages, the ledger and the labs, to look at in any browser without a network:",
    "一个文件，包含故事、消息、账本和实验，无需网络即可在任何浏览器中查看：",
  ],
  download: ["Save the report", "保存报告"],
  written: ["Written on {time}. Nothing can be done in this file: it shows what was.", "写于 {time}。此文件只供查看，不能操作。"],
  "left-out": ["To keep the file small, it leaves out: {what}.", "为控制文件大小，未收入：{what}。"],
  log: ["{count} older records of the log", "较早的日志记录 {count} 条"],
  steps: ["{count} steps of the story", "故事步骤 {count} 个"],
  blocks: ["{count} blocks", "区块 {count} 个"],
  records: ["{count} collections of records", "记录集合 {count} 个"],
  histories: ["histories of {count} records", "{count} 条记录的历史"],
  labs: ["Labs done", "完成的实验"],
  lab: ["lab", "实验"],
  started: ["begun", "开始"],
  tries: ["checks", "检查次数"],
  done: ["done", "完成"],
  "not-done": ["not done", "未完成"],
  nothing: ["No lab was begun here.", "尚未开始任何实验。"],
  checkpoints: ["Checkpoints", "检查点"],
  why: [
    "A checkpoint holds the whole network at one moment: ledger, clocks, story and openings. Going back to it begins another branch.",
    "检查点保存整个网络某一时刻的状态：账本、时钟、故事和开封值。退回检查点即另开一条分支。",
  ],
  name: ["name", "名称"],
  step: ["step", "步骤"],
  height: ["height", "高度"],
  clock: ["clock of the lab", "实验时钟"],
  "new-name": ["Name of a new checkpoint: small letters, digits, - and _", "新检查点名称：小写字母、数字、汉字、- 和 _"],
  save: ["Save a checkpoint", "保存检查点"],
  restore: ["Go back here", "退回此处"],
  automatic: ["by itself, before chapter {chapter}", "自动，第 {chapter} 章之前"],
  "none-yet": ["None yet.", "尚无检查点。"],
};

export class RecordView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.say = speaker(page, WORDS);
    this.about = element("section");
    this.labs = element("section");
    this.checkpoints = element("section");
    this.root = element("section", { class: "record" }, this.about, this.labs, this.checkpoints);
    this.drawn = "";
    this.typed = "";
  }

  async show() {
    const { source, language } = this.page;
    const [about, progress, labs, checkpoints] = await Promise.all([
      source.isLive ? null : this.#asked("/report/about"),
      this.#asked("/progress"),
      this.#asked(`/exercises?lang=${language}`),
      this.#asked(`/checkpoints?lang=${language}`),
    ]);
    const drawn = JSON.stringify([language, this.page.canAct, about, progress, checkpoints]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.#drawAbout(about);
    this.#drawLabs(progress?.exercises ?? {}, labs ?? []);
    this.#drawCheckpoints(checkpoints ?? { checkpoints: [], branch_note: "" });
  }

  hide() {}

  update() {
    this.show().catch((error) => this.page.fail(error));
  }

  /**
   * @param {string} path
   * @returns {Promise<any>} null where this lab has no such thing
   */
  async #asked(path) {
    try {
      return await this.page.source.get(path);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  /** @param {any} about */
  #drawAbout(about) {
    const link = element("a", { class: "button", href: `${CONTROL}/report`, download: "group.html" }, this.say("download"));
    const live = [element("p", {}, this.say("take-home")), element("p", {}, link)];
    const left = Object.entries(about?.left_out ?? {}).map(([kind, count]) => this.say(kind, { count }));
    const saved = [
      element("p", {}, this.say("written", { time: instant(about?.written ?? 0) })),
      left.length ? element("p", { class: "quiet" }, this.say("left-out", { what: left.join(this.page.language === "zh" ? "、" : ", ") })) : null,
    ];
    this.about.replaceChildren(element("h2", {}, this.say("report")), ...(about ? saved : live).filter((one) => one !== null));
  }

  /**
   * @param {Record<string, any>} progress by number
   * @param {any[]} labs
   */
  #drawLabs(progress, labs) {
    const rows = labs.filter(({ number }) => progress[number]).map(({ number, title }) => {
      const row = progress[number];
      const done = row.done_ms === null ? this.say("not-done") : `✓ ${instant(row.done_ms)}`;
      return [`${number} ${title}`, row.started_ms ? instant(row.started_ms) : "", String(row.tries), done];
    });
    const heads = ["lab", "started", "tries", "done"].map((key) => this.say(key));
    const what = rows.length ? table(heads, rows, this.say("labs")) : element("p", { class: "quiet" }, this.say("nothing"));
    this.labs.replaceChildren(element("h2", {}, this.say("labs")), what);
  }

  /** @param {{ checkpoints: any[], branch_note: string }} answer */
  #drawCheckpoints({ checkpoints, branch_note: note }) {
    const { canAct, source } = this.page;
    const rows = checkpoints.map(({ name, automatic, step, height, clock }) => {
      const chapter = /\d+$/.exec(name)?.[0] ?? "";
      const back = element("button", { type: "button", click: () => this.#restore(name), "aria-label": `${this.say("restore")}: ${name}` }, this.say("restore"));
      const cells = [automatic ? this.say("automatic", { chapter }) : name, String(step), String(height), instant(clock)];
      return canAct ? [...cells, back] : cells;
    });
    const heads = [...["name", "step", "height", "clock"].map((key) => this.say(key)), ...(canAct ? [this.say("restore")] : [])];
    const list = rows.length ? table(heads, rows, this.say("checkpoints")) : element("p", { class: "quiet" }, this.say("none-yet"));
    const parts = [element("h2", {}, this.say("checkpoints")), element("p", { class: "quiet" }, this.say("why")), note ? element("p", { class: "banner wait" }, note) : null, list];
    this.checkpoints.replaceChildren(...parts.filter((one) => one !== null), ...(canAct && source.isLive ? [this.#form()] : []));
  }

  #form() {
    const name = element("input", { name: "checkpoint", value: this.typed, maxlength: 40, required: true, "aria-label": this.say("new-name"), placeholder: this.say("new-name") });
    name.addEventListener("input", () => (this.typed = name.value));
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (await this.page.order("/checkpoints", { name: name.value })) this.typed = "";
      await this.show();
    };
    return element("form", { class: "row", submit }, name, element("button", {}, this.say("save")));
  }

  /** @param {string} name */
  async #restore(name) {
    await this.page.order(`/checkpoints/${encodeURIComponent(name)}`);
    await this.show();
  }
}
