/**
 * Labels of messages, as `nodes.links.batches.describe` writes them: `vote 5/1 ab12cd` is height, view, start of the block id.
 */

import { isWord, say } from "./speech.js";

/** Kinds of messages, weightiest first; also their order in the legend. */
export const KINDS = ["propose", "vote", "final", "skip", "certificate", "other"];

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

export function parseLabel(text) {
  const [name = "", place = "", block = ""] = text.split(" ");
  const at = /^(\d+)\/(\d+)$/.exec(place);
  if (at) return { name, height: Number(at[1]), view: Number(at[2]), block };
  return { name, height: name === "decided" || name === "fetch" ? Number(place) : null, view: null, block: "" };
}

/** The weightiest kind among the labels of one batch. */
export function kindOf(labels) {
  const kinds = labels.map((text) => KIND_OF[parseLabel(text).name] ?? "other");
  return KINDS.find((kind) => kinds.includes(kind)) ?? "other";
}

export function labelText(language, labels) {
  return labels.map((text) => translated(language, text)).join(", ");
}

function translated(language, text) {
  const space = text.indexOf(" ");
  const name = space < 0 ? text : text.slice(0, space);
  return isWord(`label-${name}`) ? say(language, `label-${name}`) + text.slice(name.length) : text;
}
