/**
 * The page's own manual: keys, signs, and how to read the diagram.
 */

import { element, shape } from "./elements.js";
import { keyName } from "./controls.js";
import { KINDS } from "./labels.js";
import { drawMark, markOf } from "./marks.js";
import { say } from "./speech.js";

/** @typedef {import("./speech.js").Language} Language */

/** Records whose signs are explained. */
const SIGNS = [
  ["notar", { kind: "certificate-notar" }],
  ["skip", { kind: "certificate-skip" }],
  ["commit", { kind: "certificate-commit" }],
  ["decided", { kind: "decided", height: 5 }],
  ["timeout", { kind: "timeout" }],
  ["crash", { kind: "crash" }],
  ["trouble", { kind: "evidence" }],
  ["betrayal", { kind: "betrayal" }],
];

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("./controls.js").Action[]} actions
 * @param {Language} language
 */
export function showHelp(dialog, actions, language) {
  const close = element("button", { type: "button", click: () => dialog.close(), autofocus: true }, say(language, "do-close"));
  dialog.setAttribute("aria-label", say(language, "do-help"));
  dialog.replaceChildren(
    element("div", { class: "head" }, element("h2", {}, say(language, "do-help")), close),
    element("div", { class: "columns" }, keys(actions, language), signs(language)),
    element("h3", {}, say(language, "notes")),
    ...["note-time", "note-arrows", "note-lights"].map((key) => element("p", {}, say(language, key))),
  );
  dialog.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "?") dialog.close();
  };
  dialog.showModal();
}

/**
 * @param {import("./controls.js").Action[]} actions
 * @param {Language} language
 */
function keys(actions, language) {
  const named = (/** @type {string[]} */ all) => all.flatMap((key, i) => [i ? " " : "", element("kbd", {}, keyName(key))]);
  const rows = actions.map(({ name, keys }) => row(element("td", {}, ...named(keys)), say(language, name)));
  const kinds = element("td", {}, element("kbd", {}, 1), " – ", element("kbd", {}, KINDS.length));
  return table(language, "key", "does", [...rows, row(kinds, say(language, "do-kinds"))]);
}

/** @param {Language} language */
function signs(language) {
  const icon = (/** @type {Node} */ sign) => element("td", {}, shape("svg", { class: "diagram", width: 40, height: 26 }, sign));
  const rows = SIGNS.flatMap(([name, record]) => {
    const mark = markOf(/** @type {import("./log.js").LogRecord} */ (record));
    return mark ? [row(icon(drawMark(mark, 20, 13, 20)), say(language, `mark-${name}`))] : [];
  });
  const cross = shape("path", { class: "drop", d: "M15 8l10 10m0 -10l-10 10" });
  return table(language, "sign", "means", [...rows, row(icon(cross), say(language, "mark-drop"))]);
}

/**
 * @param {Node} first
 * @param {string} second
 */
function row(first, second) {
  return element("tr", {}, first, element("td", {}, second));
}

/**
 * @param {Language} language
 * @param {string} first
 * @param {string} second
 * @param {Node[]} rows
 */
function table(language, first, second, rows) {
  const head = element("tr", {}, ...[first, second].map((key) => element("th", { scope: "col" }, say(language, key))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}
