/**
 * The view Record: what this group did when, the checkpoints from which it can go on, and the report to take home.
 * In a report written to disk it says what that file holds.
 */

import { element } from "./elements.js";
import { View, formOf, quiet, saveFile } from "./parts.js";
import { Problem } from "./source.js";
import { instant } from "./speech.js";
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
  clock: ["clock of the lab", "实验时钟"],
  "new-name": ["Name of a new checkpoint: small letters, digits, - and _", "新检查点名称：小写字母、数字、汉字、- 和 _"],
  save: ["Save a checkpoint", "保存检查点"],
  restore: ["Go back here", "退回此处"],
  automatic: ["by itself, before chapter {chapter}", "自动，第 {chapter} 章之前"],
  "none-yet": ["None yet.", "尚无检查点。"],
};

export class RecordView extends View {
  constructor(page) {
    super(page, "record", WORDS);
    this.about = element("section");
    this.labs = element("section");
    this.checkpoints = element("section");
    this.root.append(this.about, this.labs, this.checkpoints);
    this.drawn = "";
    this.typed = "";
  }

  async show() {
    const { source, language, canAct } = this.page;
    const [about, progress, labs, checkpoints] = await Promise.all([
      source.isLive ? null : this.#asked("/report/about"),
      this.#asked("/progress"),
      this.#asked(`/exercises?lang=${language}`),
      this.#asked(`/checkpoints?lang=${language}`),
    ]);
    const drawn = JSON.stringify([language, canAct, about, progress, checkpoints]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.about.replaceChildren(element("h2", {}, this.say("report")), ...(about ? this.#written(about) : this.#offered()));
    this.labs.replaceChildren(element("h2", {}, this.say("labs")), this.#progress(progress?.exercises ?? {}, labs ?? []));
    this.#drawCheckpoints(checkpoints ?? { checkpoints: [], branch_note: "" });
  }

  update() {
    this.run(this.show());
  }

  /** An answer, or null where this lab has no such thing. */
  async #asked(path) {
    try {
      return await this.page.source.get(path);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  #offered() {
    const save = async () => saveFile("group.html", await this.page.source.text("/report"));
    const button = this.button("download", () => this.run(save()), { disabled: !this.page.canAct });
    return [element("p", {}, this.say("take-home")), element("p", {}, button)];
  }

  #written(about) {
    const left = Object.entries(about.left_out).map(([kind, count]) => this.say(kind, { count }));
    const what = left.join(this.page.language === "zh" ? "、" : ", ");
    const written = element("p", {}, this.say("written", { time: instant(about.written) }));
    return left.length ? [written, quiet(this.say("left-out", { what }))] : [written];
  }

  /** What became of each lab that was begun; `progress` is by number. */
  #progress(progress, labs) {
    const rows = labs.filter(({ number }) => progress[number]).map(({ number, title }) => {
      const { started_ms: started, done_ms: done, tries } = progress[number];
      const ended = done === null ? this.say("not-done") : `✓ ${instant(done)}`;
      return [`${number} ${title}`, started ? instant(started) : "", tries, ended];
    });
    const heads = ["lab", "started", "tries", "done"].map((key) => this.say(key));
    return rows.length ? table(heads, rows, this.say("labs")) : quiet(this.say("nothing"));
  }

  #drawCheckpoints({ checkpoints, branch_note: note }) {
    const { canAct } = this.page;
    const rows = checkpoints.map(({ name, automatic, step, height, clock }) => {
      const back = this.button("restore", () => this.#restore(name), { "aria-label": `${this.say("restore")}: ${name}` });
      const title = automatic ? this.say("automatic", { chapter: /\d+$/.exec(name)?.[0] ?? "" }) : name;
      return [title, step, height, instant(clock), ...(canAct ? [back] : [])];
    });
    const heads = ["name", "step", "height", "clock", ...(canAct ? ["restore"] : [])].map((key) => this.say(key));
    this.checkpoints.replaceChildren(
      element("h2", {}, this.say("checkpoints")),
      quiet(this.say("why")),
      note ? element("p", { class: "banner wait" }, note) : "",
      rows.length ? table(heads, rows, this.say("checkpoints")) : quiet(this.say("none-yet")),
      canAct ? this.#form() : "",
    );
  }

  #form() {
    const words = this.say("new-name");
    const input = () => (this.typed = name.value);
    const attributes = { value: this.typed, maxlength: 40, required: true, "aria-label": words, placeholder: words, input };
    const name = element("input", { name: "checkpoint", ...attributes });
    const submit = async () => {
      if (await this.page.order("/checkpoints", { name: name.value })) this.typed = "";
      await this.show();
    };
    return formOf(submit, { class: "row" }, name, element("button", {}, this.say("save")));
  }

  async #restore(name) {
    await this.page.order(`/checkpoints/${encodeURIComponent(name)}`);
    await this.show();
  }
}
