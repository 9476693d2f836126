/**
 * Labels of messages, as `nodes.messages.describe` writes them: `vote 5/1 ab12cd` is height, view, start of the block id.
 */

import { isWord, say } from "./speech.js";

/** @typedef {"propose" | "vote" | "final" | "skip" | "certificate" | "other"} Kind */
/** @typedef {{ name: string, height: number | null, view: number | null, block: string }} Label */

/** @type {Kind[]} weightiest first; also their order in the legend */
export const KINDS = ["propose", "vote", "final", "skip", "certificate", "other"];

/** @type {Record<string, Kind>} */
const KIND_OF = {
  propose: "propose",
  vote: "vote",
  final: "final",
  skip: "skip",
  "notar-cert": "certificate",
  "skip-cert": "certificate",
  "commit-cert": "certificate",
  decided: "certificate",
};

/**
 * @param {string} text
 * @returns {Label}
 */
export function parseLabel(text) {
  const [name = "", place = "", block = ""] = text.split(" ");
  const at = /^(\d+)\/(\d+)$/.exec(place);
  if (at) return { name, height: Number(at[1]), view: Number(at[2]), block };
  return { name, height: name === "decided" || name === "fetch" ? Number(place) : null, view: null, block: "" };
}

/**
 * @param {string[]} labels of one batch
 * @returns {Kind} of the weightiest
 */
export function kindOf(labels) {
  const kinds = labels.map((text) => KIND_OF[parseLabel(text).name] ?? "other");
  return KINDS.find((kind) => kinds.includes(kind)) ?? "other";
}

/**
 * @param {import("./speech.js").Language} language
 * @param {string[]} labels
 * @returns {string}
 */
export function labelText(language, labels) {
  return labels.map((text) => translated(language, text)).join(", ");
}

/**
 * @param {import("./speech.js").Language} language
 * @param {string} text
 */
function translated(language, text) {
  const space = text.indexOf(" ");
  const name = space < 0 ? text : text.slice(0, space);
  return isWord(`label-${name}`) ? say(language, `label-${name}`) + text.slice(name.length) : text;
}
