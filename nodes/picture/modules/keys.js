/**
 * What can be done by a key, from one list: the keys themselves, and the dialog that names them.
 */

import { byId, element } from "./elements.js";

/** @typedef {{ name: string, keys: string[], sign: string, words: () => string, run: () => void }} Action `sign` is on a button */

/** Something that keys do; `say(name)` are its words. */
export function action(say, name, keys, run, sign = "") {
  return { name, keys, sign, words: () => say(name), run };
}

/** `actions` gives those of the page and of what it shows now; `isTaken` says whether a key means something where the focus is. */
export function listenKeys(actions, isTaken) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || isTaken(event)) return;
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const found = actions().find(({ keys }) => keys.includes(key));
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}

/** Keys as a person reads them. */
export function keyNames(keys) {
  return keys.map((key) => key.replace("ArrowLeft", "←").replace("ArrowRight", "→").replace(/^ $/, "Space"));
}

export function keySigns(keys) {
  return keyNames(keys).flatMap((key, i) => [i ? " " : "", element("kbd", {}, key)]);
}

/** Opens the dialog of a page with these parts. */
export function showHelp(title, close, ...parts) {
  const dialog = byId("help");
  const button = element("button", { type: "button", click: () => dialog.close(), autofocus: true }, close);
  dialog.setAttribute("aria-label", title);
  dialog.replaceChildren(element("div", { class: "head" }, element("h2", {}, title), button), ...parts);
  dialog.onkeydown = (event) => {
    if (dialog.open) event.stopPropagation(); // for a moment after it closed the focus is still in it
    if (event.key === "?") dialog.close();
  };
  dialog.showModal();
}
