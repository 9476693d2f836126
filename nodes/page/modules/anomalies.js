/**
 * The anomaly matrix: the same attacks on other ways of keeping a record, each cell with its reason and what was observed.
 */

import { element } from "./elements.js";
import { folded, quiet } from "./parts.js";
import { plain, table } from "./values.js";

/** `matrix` is the answer of the control. */
export function matrixParts({ title, about, systems, attacks, cells }, language, say) {
  const drawn = ({ words, by, why, evidence }) => {
    const heard = element("ul", { lang: "en" }, ...evidence.map((line) => element("li", {}, plain(line))));
    const summary = [element("strong", {}, words[language]), ` ${by[language]}`];
    return folded(summary, element("p", {}, why[language]), quiet(say("heard")), heard);
  };
  const rows = attacks.map((attack) => {
    const found = cells.filter((cell) => cell.attack === attack.name);
    return [attack.title[language], ...found.map((cell) => element("div", { "data-outcome": cell.outcome }, drawn(cell)))];
  });
  const heads = ["", ...systems.map((system) => system.title[language])];
  return [quiet(about[language]), table(heads, rows, title[language], { class: "anomalies", isHeaded: true })];
}
