/**
 * A step of the story in full: its refusal, what was called, who signed, what changed, who may see it, where it stands.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { View } from "./parts.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  refused: ["✗ refused", "✗ 被拒绝"],
  you: ["you", "您"],
  source: ["Source of the rule: {source}", "规则出处：{source}"],
  signed: ["Signed by", "签署方"], called: ["Called", "调用"], changed: ["Changed", "变更"], seen: ["Who may see it", "谁可查看"], places: ["On the ledger", "在账本上"],
  field: ["field", "字段"], before: ["before", "变更前"], after: ["after", "变更后"], differs: ["changed", "已变"],
  alike: ["… {count} parts alike", "……其余 {count} 项相同"],
  unchanged: ["Nothing changed on the ledger.", "账本上没有变更。"],
  value: ["◉ the whole record", "◉ 全部内容"], digest: ["# sealed fields as digests", "# 密封字段仅为摘要"],
  open: ["Nothing in these records is sealed: every member may read them.", "这些记录没有密封内容：所有成员均可读取。"],
  block: ["Block {height}", "区块 {height}"], transaction: ["transaction {id}", "交易 {id}"],
  messages: ["How the nodes agreed on it", "节点如何就此达成共识"],
  later: ["This step has not been told yet.", "此步骤尚未讲述。"],
  more: ["{count} more", "另有 {count} 项"],
};
/** A value of so many parts is a long one. */
const LINES_MIN = 4;

export class StepInFull extends View {
  /** @param {any} page */
  constructor(page) {
    super(page, "step-in-full", WORDS);
  }

  /**
   * @param {import("./swimlanes.js").Step} plain
   * @param {any} step in full, once it is told
   */
  draw(plain, step) {
    const title = element("h3", {}, `${plain.number} · ${plain.date} `, element("b", {}, plain.who));
    const words = element("p", { class: "words" }, plain.words);
    if (!step || !plain.told) return this.root.replaceChildren(title, words, element("p", { class: "quiet" }, this.say("later")));
    const part = (/** @type {string} */ key, /** @type {(Node | null)[]} */ parts, left = 0) =>
      parts.length ? element("section", { class: key === "changed" && step.records.length ? "changed wide" : key }, element("h4", {}, this.say(key)), ...parts, left ? element("p", { class: "quiet" }, this.say("more", { count: left })) : null) : null;
    const parts = [
      step.refused || step.reasons.length ? this.#refusal(step) : null,
      part("called", step.calls.map((/** @type {any} */ call) => this.#call(call)), step.calls_left_out),
      part("signed", step.signed.map(([name, member] = ["", ""]) => this.#signer(name, member)), step.signed_left_out),
      part("changed", step.records.length ? step.records.map((/** @type {any} */ record) => this.#record(record)) : [element("p", {}, this.say("unchanged"))], step.records_left_out),
      step.records.length ? part("seen", this.#sights(step.sights), step.sights_left_out) : null,
      part("places", this.#places(step), step.places_left_out),
    ];
    this.root.replaceChildren(title, words, element("div", { class: "columns" }, ...parts));
  }

  /** @param {any} step */
  #refusal({ reasons, source }) {
    const why = reasons.map((/** @type {string} */ reason) => element("p", {}, reason));
    return element("section", { class: "refusal wide" }, element("h4", {}, this.say("refused")), ...why, source ? element("p", { class: "quiet" }, this.say("source", { source })) : null);
  }

  /** @param {any} call */
  #call(call) {
    const pairs = call.arguments.flatMap(([name, value] = ["", ""]) => [element("dt", {}, name), element("dd", {}, value)]);
    return element("div", {}, element("code", {}, call.operation), call.origin ? element("span", { class: "quiet" }, ` ${call.origin}`) : null, element("dl", {}, ...pairs));
  }

  /**
   * @param {string} name
   * @param {string} member
   */
  #signer(name, member) {
    const isYou = member === this.page.address.role;
    return element("div", {}, name, " ", element("code", {}, member), isYou ? element("strong", {}, ` ◀ ${this.say("you")}`) : null);
  }

  /** @param {any} record */
  #record(record) {
    const head = ["field", "before", "after"].map((key) => element("th", { scope: "col" }, this.say(key)));
    const alike = (/** @type {number} */ count) => this.say("alike", { count });
    const rows = record.rows.map(([field, before, after] = ["", "", ""]) => {
      const sign = before === after ? null : element("span", { class: "differs", role: "img", "aria-label": this.say("differs") }, "▶ ");
      return element("tr", { class: sign ? "changed" : null }, element("th", { scope: "row" }, field), element("td", {}, ...inLines(before, after, alike)), element("td", {}, sign, ...inLines(after, before, alike)));
    });
    const caption = element("caption", {}, element("code", {}, record.place), ` ${record.what}`);
    const table = element("table", {}, caption, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": record.place }, table);
  }

  /** @param {any[]} sights */
  #sights(sights) {
    if (!sights.length) return [element("p", {}, this.say("open"))];
    return sights.flatMap(({ place, rows }) => [
      element("p", {}, element("code", {}, place)),
      element("ul", {}, ...rows.map(([level, who, sentence] = ["", "", ""]) => element("li", {}, element("b", {}, who), ` ${this.say(level)} `, element("span", { class: "quiet" }, sentence)))),
    ]);
  }

  /** @param {any} step */
  #places({ places, number, log }) {
    const blocks = places.map((/** @type {any} */ place) =>
      element("div", {}, element("a", { href: writeAddress(this.page.address, { view: "ledger", item: `block/${place.height}` }) }, this.say("block", { height: place.height })), ` ${place.time} `, element("code", { title: place.transaction }, this.say("transaction", { id: place.transaction.slice(0, 12) }))),
    );
    if (log) blocks.push(element("p", {}, element("a", { href: writeAddress(this.page.address, { view: "consensus", step: number }) }, this.say("messages"))));
    return blocks;
  }
}

/**
 * @param {string} value
 * @param {string} other on the other side of the change
 * @param {(count: number) => string} alike
 * @returns {(Element | string)[]} of two long values what differs, a part a line
 */
function inLines(value, other, alike) {
  const [parts, others] = [value, other].map((text) => text.split(/[;；]\s*/));
  if (Math.min(parts.length, others.length) < LINES_MIN) return [element("span", { class: parts.length < LINES_MIN ? null : "part" }, value)];
  const differing = parts.filter((part) => !others.includes(part));
  return [...differing, alike(parts.length - differing.length)].map((part) => element("div", { class: "part" }, part));
}
