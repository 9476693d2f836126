/**
 * A step of the story in full: its refusal, what was called, who signed, what changed, who may see it, where it stands.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { View, quiet } from "./parts.js";
import { pairs, plain, saidTable } from "./values.js";

/** A value of so many parts is a long one. */
const LINES_MIN = 4;

export class StepInFull extends View {
  constructor(page) {
    super(page, "step", "step-in-full");
  }

  /** Draws a row of the story, and the same step in full once it is told. */
  draw(row, step) {
    if (!step || !row.told) return this.root.replaceChildren(quiet(this.say("later")));
    const { calls, signed, records, sights } = step;
    const parts = [
      step.refused || step.reasons.length ? this.#refusal(step) : null,
      this.#part("called", calls.map((call) => this.#call(call)), step.calls_left_out),
      this.#part("signed", signed.map(([name, member]) => this.#signer(name, member)), step.signed_left_out),
      records.length
        ? this.#part("changed", records.map((record) => this.#record(record)), step.records_left_out, " wide")
        : this.#part("changed", [element("p", {}, this.say("unchanged"))]),
      records.length ? this.#part("seen", this.#sights(sights), step.sights_left_out) : null,
      this.#part("places", this.#places(step), step.places_left_out),
    ];
    this.root.replaceChildren(element("div", { class: "columns" }, ...parts));
  }

  #part(key, parts, left = 0, kind = "") {
    const more = left ? quiet(this.say("left", { count: left })) : null;
    return parts.length ? element("section", { class: key + kind }, element("h3", {}, this.say(key)), ...parts, more) : null;
  }

  #refusal({ reasons, source }) {
    const why = reasons.map((reason) => element("p", {}, plain(reason)));
    const from = source ? quiet(this.say("source", { source })) : null;
    return element("section", { class: "refusal wide" }, element("h3", {}, this.say("refused")), ...why, from);
  }

  #call(call) {
    const origin = call.origin ? element("span", { class: "quiet" }, ` ${call.origin}`) : null;
    return element("div", {}, element("code", {}, call.operation), origin, pairs(call.arguments));
  }

  #signer(name, member) {
    const you = member === this.page.address.role ? element("strong", {}, ` ◀ ${this.say("you")}`) : null;
    return element("div", {}, name, " ", element("code", {}, member), you);
  }

  #record({ place, what, rows }) {
    const alike = (count) => this.say("alike", { count });
    const drawn = rows.map(([field, before, after]) => {
      const cells = [field, inLines(before, after, alike), inLines(after, before, alike)];
      if (before === after) return { cells };
      cells[2].unshift(element("span", { class: "differs", role: "img", "aria-label": this.say("differs") }, "▶ "));
      return { cells, class: "changed" };
    });
    const caption = [element("code", {}, place), ` ${what}`];
    return saidTable(this.say, ["field", "before", "after"], drawn, place, { caption, isHeaded: true });
  }

  #sights(sights) {
    if (!sights.length) return [element("p", {}, this.say("open"))];
    return sights.flatMap(({ place, rows }) => {
      const items = rows.map(([level, who, sentence]) =>
        element("li", {}, element("b", {}, who), ` ${this.say(level)} `, element("span", { class: "quiet" }, sentence)));
      return [element("p", {}, element("code", {}, place)), element("ul", {}, ...items)];
    });
  }

  #places({ places, number, log }) {
    const link = (changes, text) => element("a", { href: writeAddress(this.page.address, changes) }, text);
    const blocks = places.map(({ height, time, transaction }) => {
      const block = link({ view: "ledger", item: `block/${height}` }, this.say("in-block", { height }));
      const id = this.say("transaction", { id: transaction.slice(0, 12) });
      return element("div", {}, block, ` ${time} `, element("code", { title: transaction }, id));
    });
    return log ? [...blocks, element("p", {}, link({ view: "consensus", step: number }, this.say("messages")))] : blocks;
  }
}

/** Of two long values what differs, a part a line; `other` is the one on the other side of the change. */
function inLines(value, other, alike) {
  const [parts, others] = [value, other].map((text) => text.split(/[;；]\s*/));
  if (Math.min(parts.length, others.length) < LINES_MIN) {
    return [element("span", { class: parts.length < LINES_MIN ? null : "part" }, value)];
  }
  const differing = parts.filter((part) => !others.includes(part));
  return [...differing, alike(parts.length - differing.length)].map((part) => element("div", { class: "part" }, part));
}
