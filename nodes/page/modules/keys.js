/**
 * What can be done by a key, from one list: the keys themselves, and the dialog that names them.
 */

import { keyName } from "./controls.js";
import { byId, element } from "./elements.js";

/** Something that keys do, and a button with a sign perhaps. */
export function action(say, name, keys, run, sign = "") {
  return { name, keys, sign, words: () => say(name), run };
}

/** `actions` gives those of the page and of what it shows now. */
export function listenKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event)) return;
    const found = actions().find(({ keys }) => keys.includes(event.key));
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}

export function showKeys(title, close, actions) {
  const dialog = byId("help");
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
    if (dialog.open) event.stopPropagation(); // for a moment after it closed the focus is still in it
    if (event.key === "?") dialog.close();
  };
  dialog.showModal();
}

/** Whether somebody types, or the key means something where the focus is. */
function isTaken({ target, key }) {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=button]), [contenteditable]")) return true;
  if (key === " ") return target.closest("button, a, summary, input, label") !== null;
  return key.startsWith("Arrow") && target.closest("input, [role=slider], [role=tablist], .scroll") !== null;
}
