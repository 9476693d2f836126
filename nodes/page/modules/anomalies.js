/**
 * The anomaly matrix: the same attacks on other ways of keeping a record, each cell with its reason and what was observed.
 */

import { element } from "./elements.js";
import { plain } from "./values.js";

/**
 * @param {any} matrix the control's answer
 * @param {"en" | "zh"} language
 * @param {import("./edit.js").Say} say
 * @returns {Node[]}
 */
export function matrixParts(matrix, language, say) {
  const title = matrix.title[language];
  const head = ["", ...matrix.systems.map((/** @type {any} */ system) => system.title[language])].map((text) =>
    text ? element("th", { scope: "col" }, text) : element("td"));
  const rows = matrix.attacks.map((/** @type {any} */ attack) => {
    const cells = matrix.cells.filter((/** @type {any} */ cell) => cell.attack === attack.name);
    return element("tr", {}, element("th", { scope: "row" }, attack.title[language]), ...cells.map((/** @type {any} */ cell) => drawn(cell, language, say)));
  });
  const table = element("table", { class: "anomalies", "aria-label": title }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  return [element("p", { class: "quiet" }, matrix.about[language]), element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, table)];
}

/**
 * @param {any} cell
 * @param {"en" | "zh"} language
 * @param {import("./edit.js").Say} say
 */
function drawn(cell, language, say) {
  const heard = element("ul", { lang: "en" }, ...cell.evidence.map((/** @type {string} */ line) => element("li", {}, plain(line))));
  const summary = element("summary", {}, element("strong", {}, cell.words[language]), ` ${cell.by[language]}`);
  return element("td", { "data-outcome": cell.outcome }, element("details", {}, summary, element("p", {}, cell.why[language]), element("p", { class: "quiet" }, say("heard")), heard));
}
