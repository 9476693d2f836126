/**
 * The log as a table: the same records in words. Only the rows in view exist; empty rows above and below keep the place.
 */

import { element } from "./elements.js";
import { say } from "./speech.js";

const MARGIN = 10;

export class RecordTable {
  constructor(place, log, goTo) {
    this.log = log;
    this.goTo = goTo;
    this.place = place;
    this.heading = element("h2");
    this.head = element("tr");
    this.body = element("tbody");
    const table = element("table", { class: "log", "aria-rowcount": log.records.length + 1 }, element("thead", {}, this.head), this.body);
    this.scroller = element("div", { class: "scroll", tabindex: 0, role: "group", scroll: () => this.#drawRows() }, table);
    place.replaceChildren(this.heading, this.scroller);
    this.index = 0;
    this.isPrinting = false;
    this.language = "en";
  }

  /** Draws the rows around the record under the cursor. */
  draw(index, language) {
    this.index = index;
    this.isPrinting = false;
    this.language = language;
    this.heading.textContent = say(language, "records");
    this.scroller.setAttribute("aria-label", say(language, "records"));
    this.head.replaceChildren(...["number", "time", "node", "what"].map((key) => element("th", { scope: "col" }, say(language, key))));
    this.#follow();
    this.#drawRows();
  }

  /** All rows between, for a printer, which cannot scroll; until `draw` is called again. */
  drawForPrint(first, last) {
    this.isPrinting = true;
    this.#fill(first, last + 1, 0);
  }

  get #rowHeight() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) * 2;
  }

  /** Keeps the record under the cursor in view. */
  #follow() {
    const height = this.#rowHeight;
    const [top, room] = [this.index * height, this.scroller.clientHeight - 2 * height];
    const { scrollTop } = this.scroller;
    if (top < scrollTop || top > scrollTop + room) {
      this.#fill(0, 0, height);
      this.scroller.scrollTop = top - room / 2;
    }
  }

  #drawRows() {
    if (this.isPrinting) return;
    const height = this.#rowHeight;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / height) - MARGIN);
    const last = Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / height) + MARGIN;
    this.#fill(first, Math.min(last, this.log.records.length), height);
  }

  /** Rows from `first` to before `end`; `height` is that of a row that is left out. */
  #fill(first, end, height) {
    const rows = [];
    for (let index = first; index < end; index += 1) rows.push(this.#row(index));
    const after = (this.log.records.length - end) * height;
    this.body.replaceChildren(gap(first * height), ...rows, gap(after));
  }

  #row(index) {
    const { log, language } = this;
    const record = log.records[index];
    const classes = [record.kind.split("-")[0] === "dropped" ? "lost" : "", index > this.index ? "later" : ""].filter(Boolean);
    const text = log.sentence(index, language);
    return element(
      "tr",
      {
        class: classes.join(" ") || null,
        "aria-rowindex": index + 2,
        "aria-current": index === this.index ? "step" : null,
        "data-index": index,
        click: () => this.goTo(index),
      },
      element("td", {}, index + 1),
      element("td", {}, log.time(index)),
      element("td", {}, record.node ?? ""),
      element("td", { title: text }, text),
    );
  }
}

function gap(height) {
  const row = element("tr", { class: "gap", "aria-hidden": "true" });
  row.style.height = `${height}px`;
  return row;
}
