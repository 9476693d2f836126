/**
 * Labs: the handout, hints one by one, the files of this start, answers, and a check that says what is missing.
 */

import { readAddress, writeAddress } from "./address.js";
import { desk } from "./desk.js";
import { element } from "./elements.js";
import { inline, markdown } from "./markdown.js";
import { View, folded, formOf, outcome, quiet } from "./parts.js";
import { seedPanel } from "./seeds.js";
import { CONTROL, Problem } from "./source.js";

export class ExercisesView extends View {
  constructor(page) {
    super(page, "exercises", "exercises columns");
    this.list = element("nav", { class: "labs" });
    this.detail = element("article");
    this.root.append(this.list, this.detail);
    this.drawn = "";
    /** What was typed, by lab, seed and question. */
    this.typed = new Map();
    /** By lab how many hints were asked for. */
    this.hinted = new Map();
  }

  async show() {
    const { source, language, address } = this.page;
    const rows = (await source.find(`/exercises?lang=${language}`)) ?? [];
    const chosen = rows.find((row) => row.number === Number(address.lab)) ?? rows.find((row) => row.started) ?? rows[0];
    this.list.setAttribute("aria-label", this.say("exercises"));
    this.list.replaceChildren(...rows.map((row) => this.#row(row, row === chosen)));
    const lab = chosen && (await source.find(`/exercises/${chosen.number}?lang=${language}`));
    if (lab) return this.#draw(lab);
    this.drawn = "";
    this.detail.replaceChildren(quiet(this.say("no-labs")));
  }

  #row(row, isHere) {
    const state = row.done ? "done" : row.started ? "started" : "";
    const mark = element("b", { class: row.done && "committed" }, this.say(state));
    const minutes = element("span", { class: "quiet" }, this.say("minutes", row), " ", mark);
    const href = writeAddress(this.page.address, { view: "exercises", lab: row.number });
    const title = element("strong", {}, `${row.number} ${row.title}`);
    return element("a", { href, "aria-current": isHere && "true" }, title, element("span", {}, row.goal), minutes);
  }

  /** Draws a lab anew only if it is another one, so that nobody types in vain. */
  #draw(lab) {
    const { page } = this;
    const { role, theme } = page.address;
    const state = [lab.number, lab.seed, page.language, page.canAct, role, theme].join();
    if (state === this.drawn || this.drawn === "starting") return;
    this.drawn = state;
    const handout = markdown(lab.handout, (hash) => writeAddress(page.address, readAddress(hash)));
    const parts = [handout, this.#files(lab), this.#tools(lab), this.#hints(lab), this.#answers(lab)];
    this.detail.replaceChildren(this.#starter(lab), ...parts);
  }

  #starter(lab) {
    const place = element("section", { class: "row starter", hidden: !this.page.canAct });
    const start = async () => {
      this.drawn = "starting";
      this.detail.replaceChildren(quiet(this.say("starting")));
      const job = await this.page.order(`/exercises/${lab.number}/start?lang=${this.page.language}`);
      this.drawn = "";
      await this.show();
      if (job) this.page.tell(this.say("is-started", { seed: this.seed ?? "" }));
    };
    const ask = () => {
      const yes = this.button("yes", start, { class: "main" });
      place.replaceChildren(element("p", {}, this.say("sure")), yes, this.button("no", rest));
      yes.focus();
    };
    const rest = () => {
      const begin = this.button(lab.started ? "again" : "start", ask, { class: !lab.started && "main" });
      place.replaceChildren(begin, lab.started ? element("span", { class: "quiet" }, this.say("of-seed", lab)) : "");
    };
    this.seed = lab.seed;
    rest();
    return place;
  }

  /** What some labs have beside the views. */
  #tools(lab) {
    if (lab.name !== "seed") return desk(this.page, lab);
    const names = lab.files.map((file) => file.name).filter((name) => name.endsWith(".json"));
    return this.page.canAct ? seedPanel(this.page, names) : "";
  }

  #files(lab) {
    if (!lab.files.length) return "";
    const files = lab.files.map(({ name, bytes, text }) => {
      const href = `${CONTROL}/exercises/${lab.number}/files/${encodeURIComponent(name)}?lang=${this.page.language}`;
      const save = element("a", { href, download: name }, this.say("save"));
      const answer = element("p", { class: "outcome", "aria-live": "polite" });
      const mayGo = isEnvelope(text) && this.page.canAct;
      const handIn = mayGo ? this.button("hand-in", () => this.#handIn(text, answer)) : "";
      const whole = folded(
        [`${name} `, element("span", { class: "quiet" }, this.say("bytes", { bytes }))],
        text === null ? "" : element("pre", { tabindex: 0 }, text),
        element("div", { class: "row" }, handIn, save),
        answer,
      );
      whole.open = name.endsWith(".txt");
      return whole;
    });
    return this.#section("files", ...files);
  }

  async #handIn(text, place) {
    try {
      const status = await this.page.source.post("/v1/transactions?wait=10", JSON.parse(text));
      place.className = `outcome ${status.status}`;
      place.textContent = this.say(status.place ? "taken" : "waits", { ...status, height: status.place?.height });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      place.className = "outcome rejected";
      place.textContent = this.say("door", error);
    }
  }

  #hints(lab) {
    const shown = element("ol");
    const draw = (count) => {
      this.hinted.set(lab.number, count);
      shown.replaceChildren(...lab.hints.slice(0, count).map((hint) => element("li", {}, ...inline(hint))));
      button.textContent = this.say("next-hint", { at: count + 1, of: lab.hints.length });
      button.hidden = count >= lab.hints.length;
    };
    const button = this.button("next-hint", () => draw(this.hinted.get(lab.number) + 1));
    draw(this.hinted.get(lab.number) ?? 0);
    return this.#section("hints", shown, button);
  }

  #answers(lab) {
    if (!this.page.canAct || !lab.started) return "";
    const found = element("div", { class: "found", "aria-live": "polite" });
    const key = (name) => [lab.number, lab.seed, name].join();
    const fields = lab.questions.map(({ number, name, words, example }) => {
      const keep = () => this.typed.set(key(name), field.value);
      const attributes = { placeholder: this.say("example", { example }), autocomplete: "off", spellcheck: "false", input: keep };
      const field = element("input", { name, value: this.typed.get(key(name)) ?? "", ...attributes });
      return element("label", {}, element("span", {}, `${number}. ${words}`), field);
    });
    const submit = async () => {
      found.replaceChildren(quiet(this.say("checking"))); // what an earlier check said is no answer to this one
      const answers = Object.fromEntries(lab.questions.map(({ name }) => [name, this.typed.get(key(name)) ?? ""]));
      const result = await this.page.order(`/exercises/${lab.number}/check?lang=${this.page.language}`, { answers });
      if (!result) return found.replaceChildren();
      const { done, missing } = result;
      const sentences = missing.map((one) => element("li", {}, ...inline(one)));
      const verdict = outcome(done && "committed", this.say(done ? "all-done" : "missing"));
      found.replaceChildren(verdict, element("ul", {}, ...sentences));
      this.run(this.show());
    };
    const form = formOf(submit, {}, ...fields, element("button", { class: "main" }, this.say("check")));
    return this.#section("answers", form, found);
  }

  #section(key, ...parts) {
    return element("section", { "aria-live": key === "hints" && "polite" }, element("h3", {}, this.say(key)), ...parts);
  }
}

function isEnvelope(text) {
  return text !== null && text.startsWith('{"body":{') && text.includes('"signatures":[');
}
