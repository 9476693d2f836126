/**
 * The handout beside every view: of the lab that was chosen, or that is under way, one step at a time, with hints, files,
 * answers and Check. Step, hints and answers are kept by lab and seed, so that loading the page again loses nothing.
 */

import { readAddress } from "./address.js";
import { byId, element } from "./elements.js";
import { block, inline } from "./markdown.js";
import { View, folded, formOf, outcome, quiet } from "./parts.js";
import { CONTROL, Problem } from "./source.js";

const KEPT = "tallystick-handout-";

export class Handout extends View {
  constructor(page) {
    super(page, "exercises");
    this.root = byId("handout");
    this.root.addEventListener("click", (event) => this.#follow(event));
    /** As `GET /exercises/N` tells it. */
    this.lab = null;
  }

  get number() {
    const { address, network, source } = this.page;
    return Number(address.lab) || (source.isLive && network?.exercise) || null;
  }

  /** What was kept of this start; of another one nothing. */
  get kept() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT + this.lab.number)) ?? {};
    return kept.seed === this.lab.seed ? kept : { seed: this.lab.seed, at: 0, hints: 0, typed: {}, folded: false };
  }

  keep(changes) {
    sessionStorage.setItem(KEPT + this.lab.number, JSON.stringify({ ...this.kept, ...changes }));
  }

  /** Draws anew only if it is another lab, or the same begun again: nobody types in vain. Asks until it is answered. */
  async update({ generation, exercise }) {
    const { address, language, canAct, source } = this.page;
    const isNew = exercise && this.exercise !== undefined && exercise !== this.exercise;
    this.exercise = exercise ?? null;
    if (isNew && address.lab) return this.page.go({ lab: "" }); // somebody of the group began another lab
    const { number } = this;
    const state = [number, generation, exercise, language, canAct].join();
    if (state === this.state || this.isStarting) return;
    this.state = state;
    const lab = number && (await source.find(`/exercises/${number}?lang=${language}`).catch(() => (this.state = "")));
    const drawn = lab && [number, lab.seed, language, canAct].join();
    if (this.state !== state || this.drawn === drawn) return; // the program that began again tells of the same lab
    this.drawn = drawn;
    this.#draw(lab);
  }

  /** Puts the panel to the edge, or back. */
  fold(isFolded = this.whole.open) {
    if (this.lab) this.whole.open = !isFolded;
  }

  #draw(lab) {
    this.lab = lab;
    this.root.hidden = !lab;
    if (!lab) return this.root.replaceChildren();
    this.root.setAttribute("aria-label", this.say("handout"));
    const title = element("h2", {}, this.say("lab", lab), element("span", {}, ` ${lab.title}`));
    const answers = this.#answers(lab);
    const { text, next, more } = this.#steps(lab);
    const parts = [...text, answers, next, this.#files(lab), this.#hints(lab), ...more];
    parts.splice(lab.started ? parts.length : 0, 0, this.#starter(lab));
    this.whole = folded(title, element("article", {}, ...parts));
    this.whole.open = !this.kept.folded;
    new MutationObserver(() => this.keep({ folded: !this.whole.open })).observe(this.whole, { attributeFilter: ["open"] });
    this.root.replaceChildren(this.whole);
    this.#tell();
  }

  /** The view of the labs says what is under way and done, and has the tools. */
  #tell() {
    if (this.page.view === "exercises") this.run(this.page.shown.show());
  }

  /** A link of the handout leads to its view and leaves all else as it is. */
  #follow(event) {
    const hash = event.target.closest("a[href^='#']")?.getAttribute("href");
    if (!hash) return;
    event.preventDefault();
    this.page.go(readAddress(hash));
  }

  #starter(lab) {
    const place = element("section", { class: "row starter", hidden: !this.page.canAct });
    const start = async () => {
      this.isStarting = true;
      this.whole.lastChild.replaceWith(quiet(this.say("starting")));
      const job = await this.page.order(`/exercises/${lab.number}/start?lang=${this.page.language}`);
      [this.isStarting, this.state, this.drawn] = [false, "", ""];
      await this.update(this.page.network);
      if (job) this.page.tell(this.say("is-started", { seed: this.lab?.seed ?? "" }));
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
    rest();
    return place;
  }

  /** The handout's parts: `text` shows the step where one is, and only its questions; `more` is unfolded by whoever wants it. */
  #steps(lab) {
    const [steps, more, items] = [[], [], []];
    for (const { title, blocks } of lab.parts) {
      const made = blocks.map(block);
      const own = made.filter((one) => one.localName === "ol").flatMap((list) => [...list.children]);
      const heading = title && title !== this.say("steps") ? element("h3", {}, title) : null;
      items.push(...own);
      if (title && !own.length) more.push(folded(title, ...made));
      else steps.push(element("section", { class: "markdown" }, heading, ...made));
    }
    const turn = (at) => {
      this.keep({ at });
      items.forEach((item, i) => (item.hidden = i !== at));
      steps.forEach((part, i) => (part.hidden = i ? !part.contains(items[at]) : at > 0));
      marks.forEach((mark, i) => {
        mark.className = i < at ? "past" : "";
        mark.setAttribute("aria-current", i === at ? "step" : "false");
      });
      next.hidden = at + 1 >= items.length;
      this.fields.forEach((field, i) => (field.hidden = !next.hidden && !asks[at].includes(i + 1)));
    };
    const asks = lab.parts.flatMap((part) => part.asks);
    const marks = items.map((item, i) => {
      const named = this.say("step-of", { at: i + 1, of: items.length });
      return element("button", { type: "button", title: named, "aria-label": named, click: () => turn(i) }, i + 1);
    });
    const next = this.button("next-step", () => turn(this.kept.at + 1), { class: lab.started && "main" });
    turn(Math.min(this.kept.at, items.length - 1));
    const bar = element("nav", { class: "marks", "aria-label": this.say("steps") }, ...marks);
    return { text: [bar, element("div", { "aria-live": "polite" }, ...steps)], next, more };
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
    return this.#section("files", ...files.sort((one, other) => other.open - one.open));
  }

  async #handIn(text, place) {
    try {
      const status = await this.page.source.post("/v1/transactions?wait=10", JSON.parse(text));
      place.className = `outcome ${status.status}`;
      const found = { ...status, ...status.receipt, status: this.say(status.status), height: status.place?.height };
      place.textContent = this.say(status.place ? "taken" : "waits", found);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      place.className = "outcome rejected";
      place.textContent = this.say("door", error);
    }
  }

  #hints(lab) {
    const shown = element("ol");
    const draw = (hints) => {
      this.keep({ hints });
      shown.replaceChildren(...lab.hints.slice(0, hints).map((hint) => element("li", {}, ...inline(hint))));
      button.textContent = this.say("next-hint", { at: hints + 1, of: lab.hints.length });
      button.hidden = hints >= lab.hints.length;
    };
    const button = this.button("next-hint", () => draw(this.kept.hints + 1));
    draw(this.kept.hints);
    return this.#section("hints", shown, button);
  }

  #answers(lab) {
    this.fields = [];
    if (!this.page.canAct || !lab.started) return "";
    const found = element("div", { class: "found", "aria-live": "polite" });
    this.fields = lab.questions.map(({ number, name, words, example }) => {
      const input = () => this.keep({ typed: { ...this.kept.typed, [name]: field.value } });
      const attributes = { placeholder: this.say("example", { example }), autocomplete: "off", spellcheck: "false", input };
      const field = element("input", { name, value: this.kept.typed[name] ?? "", ...attributes });
      return element("label", {}, element("span", {}, `${number}. ${words}`), field);
    });
    const tell = (done, missing, learned) => {
      const listed = (sentences) => element("ul", {}, ...sentences.map((one) => element("li", {}, ...inline(one))));
      const verdict = outcome(done && "committed", this.say(done ? "all-done" : "missing"));
      const more = learned.length ? [element("h3", {}, this.say("learned")), listed(learned)] : [];
      found.replaceChildren(verdict, ...(missing.length ? [listed(missing)] : []), ...more);
    };
    const submit = async () => {
      found.replaceChildren(quiet(this.say("checking"))); // what an earlier check said is no answer to this one
      const answers = Object.fromEntries(lab.questions.map(({ name }) => [name, this.kept.typed[name] ?? ""]));
      const result = await this.page.order(`/exercises/${lab.number}/check?lang=${this.page.language}`, { answers });
      if (!result) return found.replaceChildren();
      tell(result.done, result.missing, result.learned);
      this.#tell();
    };
    if (lab.done) tell(true, [], lab.learned);
    const form = formOf(submit, {}, ...this.fields, element("button", {}, this.say("check")));
    return element("section", { class: "asked" }, form, found);
  }

  #section(key, ...parts) {
    return element("section", { "aria-live": key === "hints" && "polite" }, element("h3", {}, this.say(key)), ...parts);
  }
}

function isEnvelope(text) {
  return text !== null && text.startsWith('{"body":{') && text.includes('"signatures":[');
}
