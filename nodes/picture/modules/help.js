/**
 * The page's own manual: keys, signs, and how to read the diagram.
 */

import { element, shape } from "./elements.js";
import { keySigns, showHelp } from "./keys.js";
import { KINDS } from "./labels.js";
import { drawMark, markOf } from "./marks.js";
import { say } from "./speech.js";

/** Records whose signs are explained. */
const SIGNS = [
  ["notar", { kind: "certificate-notar" }],
  ["skip", { kind: "certificate-skip" }],
  ["commit", { kind: "certificate-commit" }],
  ["decided", { kind: "decided", height: 5 }],
  ["view", { kind: "view", view: 2 }],
  ["timeout", { kind: "timeout" }],
  ["crash", { kind: "crash" }],
  ["trouble", { kind: "evidence" }],
  ["betrayal", { kind: "betrayal" }],
];

export function showManual(actions, language) {
  const meanings = signs(language).map(([sign, words]) => row(element("td", {}, sign), words));
  showHelp(
    say(language, "do-help"),
    say(language, "do-close"),
    element("div", { class: "columns" }, keys(actions, language), table(language, "sign", "means", meanings)),
    element("h3", {}, say(language, "notes")),
    ...["note-time", "note-arrows", "note-lights"].map((key) => element("p", {}, say(language, key))),
  );
}

function keys(actions, language) {
  const rows = actions.map((action) => row(element("td", {}, ...keySigns(action.keys)), action.words()));
  const kinds = element("td", {}, element("kbd", {}, 1), " – ", element("kbd", {}, KINDS.length));
  return table(language, "key", "does", [...rows, row(kinds, say(language, "do-kinds"))]);
}

/** Each sign of the lanes, and what it means. */
function signs(language) {
  const box = { width: 24, height: 22, "aria-hidden": "true" };
  const cross = shape("path", { class: "drop", d: "M8 7l8 8m0 -8l-8 8" });
  const drawn = SIGNS.map(([name, record]) => [name, drawMark(markOf(record), 12, 11, 17)]);
  return [...drawn, ["drop", cross]].map(([name, sign]) => [shape("svg", box, sign), say(language, `mark-${name}`)]);
}

/** What the signs of the lanes mean, in one paragraph. */
export function legend(language) {
  return element("p", { class: "signs" }, ...signs(language).map((parts) => element("span", {}, ...parts)));
}

function row(first, second) {
  return element("tr", {}, first, element("td", {}, second));
}

function table(language, first, second, rows) {
  const head = element("tr", {}, ...[first, second].map((key) => element("th", { scope: "col" }, say(language, key))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}
