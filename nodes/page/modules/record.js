/**
 * The view Record: what this group did when, the checkpoints from which it can go on, and the report to take home.
 * In a report written to disk it says what that file holds.
 */

import { element } from "./elements.js";
import { View, formOf, quiet, saveFile } from "./parts.js";
import { instant } from "./speech.js";
import { saidTable } from "./values.js";

export class RecordView extends View {
  constructor(page) {
    super(page, "record");
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
      source.isLive ? null : source.find("/report/about"),
      source.find("/progress"),
      source.find(`/exercises?lang=${language}`),
      source.find(`/checkpoints?lang=${language}`),
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
    if (!rows.length) return quiet(this.say("nothing"));
    return saidTable(this.say, ["lab", "started", "tries", "done"], rows, this.say("labs"));
  }

  #drawCheckpoints({ checkpoints, branch_note: note }) {
    const { canAct } = this.page;
    const rows = checkpoints.map(({ name, automatic, step, height, clock }) => {
      const back = this.button("restore", () => this.#restore(name), { "aria-label": `${this.say("restore")}: ${name}` });
      const title = automatic ? this.say("automatic", { chapter: /\d+$/.exec(name)?.[0] ?? "" }) : name;
      return [title, step, height, instant(clock), ...(canAct ? [back] : [])];
    });
    const heads = ["name", "step", "height", "clock", ...(canAct ? ["restore"] : [])];
    this.checkpoints.replaceChildren(
      element("h2", {}, this.say("checkpoints")),
      quiet(this.say("why")),
      note ? element("p", { class: "banner wait" }, note) : "",
      saidTable(this.say, heads, rows, this.say("checkpoints")),
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
