/**
 * Who said what: of the two highest heights, a row a view and a column a node, with statements sent and certificates held.
 */

import { element } from "./elements.js";
import { parseLabel } from "./labels.js";
import { say } from "./speech.js";

/** @typedef {{ view: number, node: string, kind: string, text: string, block: string }} Chip */

const LETTERS = { propose: "P", vote: "V", final: "F", skip: "S" };
const ORDER = ["propose", "vote", "skip", "final", "held notar", "held skip", "held commit"];
const VIEWS_MAX = 5;
/** More columns do not fit beside the table. */
const COLUMNS_MAX = 6;

export function drawStatements(place, log, index, language) {
  const top = Math.max(1, log.heightAt[index]);
  const heights = [top, top - 1].filter((height) => height > 0);
  place.classList.toggle("wide", log.nodes.length > COLUMNS_MAX);
  place.replaceChildren(
    element("h2", {}, say(language, "statements")),
    element(
      "div",
      { class: "scroll" },
      element(
        "table",
        { class: "matrix" },
        element("thead", {}, element("tr", {}, element("th", {}), ...log.nodes.map(columnHead))),
        ...heights.map((height) => bodyOf(height, log, index, language)),
      ),
    ),
    legend(language),
  );
}

/** A member's name, in which a line may end after the organization. */
function columnHead(name) {
  const dot = name.indexOf(".") + 1;
  return element("th", { scope: "col" }, name.slice(0, dot), element("wbr"), name.slice(dot));
}

function bodyOf(height, log, index, language) {
  const { found, decided } = said(log, height, index);
  const shown = [...new Set(found.map(({ view }) => view))].sort((a, b) => a - b).slice(-VIEWS_MAX);
  const head = element("th", { scope: "rowgroup", colspan: log.nodes.length + 1 }, say(language, "height", { height }));
  const body = element("tbody", {}, element("tr", { class: "group" }, head));
  for (const view of shown) {
    const cell = (name) => found.filter((chip) => chip.view === view && chip.node === name);
    const cells = log.nodes.map((name) => element("td", {}, ...chips(cell(name), language)));
    body.append(element("tr", {}, element("th", { scope: "row" }, say(language, "view", { view })), ...cells));
  }
  if (!shown.length) body.append(element("tr", {}, element("td", { colspan: log.nodes.length + 1 }, say(language, "nothing"))));
  const isForked = new Set(decided.values()).size > 1;
  const last = log.nodes.map((name) => {
    const block = decided.get(name);
    if (block === undefined) return element("td");
    const options = { class: `chip decided${isForked ? " twice" : ""}`, title: block };
    return element("td", {}, element("span", options, isForked ? `■ ${block}` : "■"));
  });
  body.append(element("tr", {}, element("th", { scope: "row" }, say(language, "decided-row")), ...last));
  return body;
}

/** Each statement and certificate once, and by node the block that it decided. */
function said(log, height, index) {
  const found = new Map();
  const decided = new Map();
  const add = (chip) => found.set(JSON.stringify(chip), chip);
  for (const at of log.ofHeight.get(height) ?? []) {
    if (at > index) break;
    const record = log.records[at];
    const node = record.node ?? "";
    if (record.kind === "sent") {
      for (const label of record.messages.map((text) => parseLabel(String(text)))) {
        const letter = Object.hasOwn(LETTERS, label.name) ? LETTERS[label.name] : null;
        if (letter && label.height === height) add({ view: label.view, node, kind: label.name, text: letter, block: label.block });
      }
    } else if (record.kind.startsWith("certificate-")) {
      const kind = record.kind.slice("certificate-".length);
      const block = String(record.block ?? "").slice(0, 6);
      add({ view: record.view, node, kind: `held ${kind}`, text: kind[0].toUpperCase(), block });
    } else if (record.kind === "decided") {
      decided.set(node, String(record.block).slice(0, 6));
    }
  }
  return { found: [...found.values()], decided };
}

/** Two of one kind in a cell name different blocks: an honest node never does that, so the blocks are written out. */
function chips(cell, language) {
  const sorted = [...cell].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return sorted.map((chip) => {
    const isTwice = cell.filter((other) => other.kind === chip.kind).length > 1;
    const held = chip.kind.startsWith("held ");
    const name = held ? say(language, `mark-${chip.kind.slice(5)}`) : say(language, chip.kind);
    const title = chip.block ? `${name} ${chip.block}` : name;
    return element("span", { class: `chip ${chip.kind}${isTwice ? " twice" : ""}`, title }, chip.text, isTwice ? ` ${chip.block}` : "");
  });
}

function legend(language) {
  const entries = [
    ...Object.entries(LETTERS).map(([kind, text]) => [kind, text, say(language, kind)]),
    ...["notar", "skip", "commit"].map((kind) => [`held ${kind}`, kind[0].toUpperCase(), say(language, `mark-${kind}`)]),
    ["decided", "■", say(language, "decided-row")],
  ];
  return element(
    "p",
    { class: "legend" },
    ...entries.map(([kind, text, name]) => element("span", {}, element("span", { class: `chip ${kind}` }, text), ` ${name}`)),
  );
}
