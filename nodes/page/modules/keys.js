/**
 * What can be done by a key, from one list: the keys themselves, and the dialog that names them.
 */

import { keyName } from "./controls.js";
import { element } from "./elements.js";

/** @typedef {{ keys: string[], words: () => string, run: () => void }} Action */

/** @param {() => Action[]} actions those of the page and of what it shows now */
export function listenKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event)) return;
    const action = actions().find(({ keys }) => keys.includes(event.key));
    if (!action) return;
    event.preventDefault();
    action.run();
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} title
 * @param {string} close
 * @param {Action[]} actions
 */
export function showKeys(dialog, title, close, actions) {
  const rows = actions.map(({ keys, words }) => {
    const named = keys.flatMap((key, i) => [i ? " " : "", element("kbd", {}, keyName(key))]);
    return element("tr", {}, element("th", { scope: "row" }, ...named), element("td", {}, words()));
  });
  const button = element("button", { type: "button", click: () => dialog.close(), autofocus: true }, close);
  dialog.setAttribute("aria-label", title);
  dialog.replaceChildren(
    element("div", { class: "head" }, element("h2", {}, title), button),
    element("table", { class: "keys" }, element("tbody", {}, ...rows)),
  );
  dialog.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "?") dialog.close();
  };
  dialog.showModal();
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether somebody types, or the key means something where the focus is
 */
function isTaken(event) {
  const { target, key } = event;
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=button]), [contenteditable]")) return true;
  if (key === " ") return target.closest("button, a, summary, input, label") !== null;
  return key.startsWith("Arrow") && target.closest("input, [role=slider], [role=tablist], .scroll") !== null;
}
