/**
 * What the pages say, in two languages. The words are data: `words.toml` of a package, served as `words.js`. A `{name}` in them
 * is a place for a value.
 */

import { WORDS } from "./words.js";

/** @typedef {"en" | "zh"} Language */

/** `say(language, key, values)` by the words of some groups; what has no words is said as it is: a name that somebody chose. */
export function sayer(...groups) {
  const words = Object.assign(Object.create(null), ...groups.map((group) => WORDS[group]));
  return (language, key, values = {}) =>
    (words[key]?.[language === "zh" ? 1 : 0] ?? String(key)).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** The words of the diagram and of what stands around it. */
export const say = sayer("picture");

/** Whether the diagram has words for this. */
export function isWord(key) {
  return Object.hasOwn(WORDS.picture, key);
}

/** `say` of a view, in the language that the page has by then. */
export function speaker(page, group) {
  const words = sayer("page", group);
  return (key, values) => words(page.language, key, values);
}

/** The same instant on every laptop: UTC. `time` is in milliseconds. */
export function instant(time) {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
