/**
 * Labs: which there are, and the tools of the one that is under way. Its handout stands beside every view.
 */

import { writeAddress } from "./address.js";
import { desk } from "./desk.js";
import { element } from "./elements.js";
import { View, quiet } from "./parts.js";
import { seedPanel } from "./seeds.js";

export class ExercisesView extends View {
  constructor(page) {
    super(page, "exercises");
    this.tools = element("div");
    this.list = element("nav", { class: "labs" });
    this.head = element("div");
    this.root.append(this.tools, this.head, this.list);
  }

  async show() {
    const { source, language, handout } = this.page;
    const rows = (await source.find(`/exercises?lang=${language}`)) ?? [];
    this.head.replaceChildren(element("h2", {}, this.say("exercises")), quiet(this.say(rows.length ? "choose" : "no-labs")));
    this.list.setAttribute("aria-label", this.say("exercises"));
    this.list.replaceChildren(...rows.map((row) => this.#row(row, row.number === handout.number)));
    if (handout.lab !== this.lab) this.tools.replaceChildren(...this.#toolsOf(handout.lab)); // else nobody types in vain
    this.lab = handout.lab;
  }

  #row(row, isHere) {
    const state = row.done ? "done" : row.started ? "started" : "";
    const mark = element("b", { class: row.done && "committed" }, this.say(state));
    const minutes = element("span", { class: "quiet" }, this.say("minutes", row), " ", mark);
    const href = writeAddress(this.page.address, { view: "exercises", lab: row.number });
    const click = () => this.page.handout.fold(false);
    const title = element("strong", {}, `${row.number} ${row.title}`);
    return element("a", { href, click, "aria-current": isHere && "true" }, title, element("span", {}, row.goal), minutes);
  }

  #toolsOf(lab) {
    if (!lab?.started || !this.page.canAct) return [];
    const names = lab.files.map((file) => file.name).filter((name) => name.endsWith(".json"));
    const tools = lab.name === "seed" ? seedPanel(this.page, names) : desk(this.page, lab);
    return tools ? [element("h2", {}, this.say("tools", lab)), tools] : [];
  }
}
