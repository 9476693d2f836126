/**
 * Labs: the handout, hints one by one, the files of this start, answers, and a check that says what is missing.
 */

import { readAddress, writeAddress } from "./address.js";
import { desk } from "./desk.js";
import { element } from "./elements.js";
import { inline, markdown } from "./markdown.js";
import { seedPanel } from "./seeds.js";
import { CONTROL, Problem } from "./source.js";
import { say } from "./speech.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  exercises: ["Labs", "实验"],
  minutes: ["{minutes} min", "{minutes} 分钟"],
  done: ["✓ done", "✓ 完成"],
  started: ["under way", "进行中"],
  none: ["This network has no labs; `tallystick lab start 1` makes one that has.", "本网络没有实验；`tallystick lab start 1` 会建立一个。"],
  start: ["Start this lab", "开始本实验"],
  again: ["Start it again", "重新开始本实验"],
  sure: [
    "Starting takes the whole ledger back to its genesis, for everybody at this network, and lays out the lab anew.",
    "开始会把整个账本退回创世状态（对本网络的所有人），并重新布置实验。",
  ],
  starting: ["Laying the lab out …", "正在布置实验……"],
  yes: ["Yes, start", "是，开始"],
  no: ["No", "否"],
  "is-started": ["The lab is laid out: seed {seed}.", "实验已布置好：种子 {seed}。"],
  seed: ["Seed of this start: {seed}", "本次开始的种子：{seed}"],
  files: ["Files of this start", "本次开始的文件"],
  bytes: ["{bytes} bytes", "{bytes} 字节"],
  save: ["Save the file", "保存文件"],
  "hand-in": ["Hand it in", "提交"],
  taken: ["{status}: block {height}, transaction {transaction}", "{status}：区块 {height}，交易 {transaction}"],
  waits: ["Taken, and not final yet: {transaction}", "已接收，尚未最终确定：{transaction}"],
  door: ["Turned away at the door: {code}. {detail}", "在门口被拒绝：{code}。{detail}"],
  answers: ["Your answers", "你的答案"],
  example: ["such as {example}", "例如 {example}"],
  check: ["Check", "检查"],
  missing: ["Not done yet:", "尚未完成："],
  "all-done": ["Done. Nothing is missing.", "完成，没有遗漏。"],
  hints: ["Hints", "提示"],
  "next-hint": ["Hint {at} of {of}", "提示 {at}/{of}"],
};

export class ExercisesView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.list = element("nav", { class: "labs" });
    this.detail = element("article");
    this.root = element("section", { class: "exercises columns" }, this.list, this.detail);
    this.drawn = "";
    /** @type {Map<string, string>} what was typed, by lab, seed and question */
    this.typed = new Map();
    /** @type {Map<number, number>} hints that were asked for */
    this.hinted = new Map();
  }

  async show() {
    const { source, language, address } = this.page;
    try {
      const rows = await source.get(`/exercises?lang=${language}`);
      const chosen = rows.find((/** @type {any} */ row) => row.number === Number(address.lab)) ?? rows.find((/** @type {any} */ row) => row.started) ?? rows[0];
      this.list.setAttribute("aria-label", this.#say("exercises"));
      this.list.replaceChildren(...rows.map((/** @type {any} */ row) => this.#row(row, row === chosen)));
      this.#draw(await source.get(`/exercises/${chosen.number}?lang=${language}`));
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 404 && source.isLive)) throw error;
      this.drawn = "";
      this.list.replaceChildren();
      this.detail.replaceChildren(element("p", { class: "quiet" }, this.#say("none")));
    }
  }

  hide() {}

  update() {}

  /**
   * @param {any} row
   * @param {boolean} isHere
   */
  #row(row, isHere) {
    const mark = row.done ? this.#say("done") : row.started ? this.#say("started") : "";
    const minutes = element("span", { class: "quiet" }, this.#say("minutes", row), " ", element("b", { class: row.done ? "committed" : "" }, mark));
    const href = writeAddress(this.page.address, { view: "exercises", lab: row.number });
    return element("a", { href, "aria-current": isHere && "true" }, element("strong", {}, `${row.number} ${row.title}`), element("span", {}, row.goal), minutes);
  }

  /** @param {any} lab drawn anew only if it is another one, so that nobody types in vain */
  #draw(lab) {
    const { page } = this;
    const state = [lab.number, lab.seed, page.language, page.canAct, page.address.role, page.address.theme].join();
    if (state === this.drawn || this.drawn === "starting") return;
    this.drawn = state;
    const href = (/** @type {string} */ hash) => writeAddress(page.address, readAddress(hash));
    this.detail.replaceChildren(this.#starter(lab), markdown(lab.handout, href), this.#files(lab), this.#tools(lab), this.#hints(lab), this.#answers(lab));
  }

  /** @param {any} lab */
  #starter(lab) {
    const place = element("section", { class: "row starter" });
    const start = async () => {
      this.drawn = "starting";
      this.detail.replaceChildren(element("p", { class: "quiet" }, this.#say("starting")));
      const job = await this.page.order(`/exercises/${lab.number}/start`);
      this.drawn = "";
      await this.show();
      if (job) this.page.tell(this.#say("is-started", { seed: this.seed ?? "" }));
    };
    const ask = () => {
      const yes = this.#button("yes", start, "main");
      place.replaceChildren(element("p", {}, this.#say("sure")), yes, this.#button("no", rest));
      yes.focus();
    };
    const rest = () => {
      const words = lab.started ? element("span", { class: "quiet" }, this.#say("seed", lab)) : null;
      place.replaceChildren(...[this.#button(lab.started ? "again" : "start", ask, lab.started ? "" : "main"), words].filter((one) => one !== null));
    };
    this.seed = lab.seed;
    rest();
    place.hidden = !this.page.canAct;
    return place;
  }

  /** @param {any} lab what some labs have beside the views */
  #tools(lab) {
    if (lab.name !== "seed") return desk(this.page, lab);
    if (!this.page.canAct) return "";
    return seedPanel(this.page, lab.files.map((/** @type {any} */ file) => file.name).filter((/** @type {string} */ name) => name.endsWith(".json")));
  }

  /** @param {any} lab */
  #files(lab) {
    if (!lab.files.length) return "";
    const file = (/** @type {any} */ { name, bytes, text }) => {
      const save = element("a", { href: `${CONTROL}/exercises/${lab.number}/files/${encodeURIComponent(name)}`, download: name }, this.#say("save"));
      const answer = element("p", { class: "outcome", "aria-live": "polite" });
      const handIn = isEnvelope(text) && this.page.canAct ? this.#button("hand-in", () => this.#handIn(text, answer)) : "";
      const inner = text === null ? "" : element("pre", { tabindex: 0 }, text);
      const head = element("summary", {}, `${name} `, element("span", { class: "quiet" }, this.#say("bytes", { bytes })));
      return element("details", { open: name.endsWith(".txt") }, head, inner, element("div", { class: "row" }, handIn, save), answer);
    };
    return element("section", {}, element("h3", {}, this.#say("files")), ...lab.files.map(file));
  }

  /**
   * @param {string} text
   * @param {HTMLElement} place
   */
  async #handIn(text, place) {
    try {
      const status = await this.page.source.post("/v1/transactions?wait=10", JSON.parse(text));
      place.className = `outcome ${status.status}`;
      place.textContent = this.#say(status.place ? "taken" : "waits", { ...status, height: status.place?.height ?? "" });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      place.className = "outcome rejected";
      place.textContent = this.#say("door", { code: error.code, detail: error.detail });
    }
  }

  /** @param {any} lab */
  #hints(lab) {
    const shown = element("ol");
    const button = this.#button("next-hint", () => draw((this.hinted.get(lab.number) ?? 0) + 1));
    const draw = (/** @type {number} */ count) => {
      this.hinted.set(lab.number, count);
      shown.replaceChildren(...lab.hints.slice(0, count).map((/** @type {string} */ hint) => element("li", {}, ...inline(hint))));
      button.textContent = this.#say("next-hint", { at: count + 1, of: lab.hints.length });
      button.hidden = count >= lab.hints.length;
    };
    draw(this.hinted.get(lab.number) ?? 0);
    return element("section", { "aria-live": "polite" }, element("h3", {}, this.#say("hints")), shown, button);
  }

  /** @param {any} lab */
  #answers(lab) {
    if (!this.page.canAct || !lab.started) return "";
    const found = element("div", { class: "found", "aria-live": "polite" });
    const key = (/** @type {string} */ name) => [lab.number, lab.seed, name].join();
    const fields = lab.questions.map((/** @type {any} */ { name, words, example }) => {
      const keep = (/** @type {any} */ event) => void this.typed.set(key(name), event.target.value);
      const value = this.typed.get(key(name)) ?? "";
      const input = element("input", { name, value, placeholder: this.#say("example", { example }), autocomplete: "off", spellcheck: "false", input: keep });
      return element("label", {}, element("span", {}, element("code", {}, name), ` ${words}`), input);
    });
    const send = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const entries = lab.questions.map((/** @type {any} */ { name }) => [name, this.typed.get(key(name)) ?? ""]);
      const result = await this.page.order(`/exercises/${lab.number}/check?lang=${this.page.language}`, { answers: Object.fromEntries(entries) });
      if (!result) return;
      const sentences = result.missing.map((/** @type {string} */ one) => element("li", {}, ...inline(one)));
      const verdict = element("p", { class: `outcome ${result.done ? "committed" : ""}` }, this.#say(result.done ? "all-done" : "missing"));
      found.replaceChildren(verdict, ...(sentences.length ? [element("ul", {}, ...sentences)] : []));
      this.show().catch((error) => this.page.fail(error));
    };
    const form = element("form", { submit: send }, ...fields, element("button", { class: "main" }, this.#say("check")));
    return element("section", {}, element("h3", {}, this.#say("answers")), form, found);
  }

  /**
   * @param {string} name
   * @param {() => unknown} click
   * @param {string} [kind]
   */
  #button(name, click, kind = "") {
    return element("button", { type: "button", class: kind || null, click }, this.#say(name));
  }

  /**
   * @param {string} key
   * @param {Record<string, any>} [values]
   */
  #say(key, values) {
    return say(WORDS, this.page.language, key, values);
  }
}

/** @param {string | null} text */
function isEnvelope(text) {
  return text !== null && text.startsWith('{"body":{') && text.includes('"signatures":[');
}
