/**
 * Values of the ledger for the eye: text that cannot act, fields with their units, tables.
 */

import { element } from "./elements.js";
import { folded, quiet } from "./parts.js";
import { instant } from "./speech.js";

/** What the eye does not see, or what turns the order of letters around. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Texts and lists above this size are opened by whoever wants to see them. */
const LONG = { text: 200, list: 8 };
/** Numbers of milliseconds from here on are instants, not spans. */
const INSTANT_MIN = 1e11;

/** A text with a mark in the place of each unseen character. */
export function plain(text) {
  return String(text).replace(UNSEEN, (found) => `‹U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** A sentence whose **part** is stressed. Its `{key}`, which somebody chose, stresses nothing and is told from its words. */
export function stressed(text, key) {
  const keyed = (part) => part.split("{key}").flatMap((one, i) => (i ? [element("code", {}, plain(key)), one] : one));
  return text.split("**").flatMap((part, i) => (i % 2 ? element("strong", {}, part) : keyed(part)));
}

/** What a person typed as JSON; as text where it is none. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value of JSON as a node; the end of its `name` tells the unit. */
export function shown(value, name = "") {
  if (Array.isArray(value) && value.some((part) => part && typeof part === "object")) {
    const list = element("ol", {}, ...value.map((part) => element("li", {}, shown(part, name))));
    return value.length > LONG.list ? folded(value.length, list) : list;
  }
  if (typeof value === "string" && value.length > LONG.text) return folded(`${plain(value.slice(0, 40))}…`, plain(value));
  if (value && typeof value === "object" && !Array.isArray(value)) return fields(value);
  return document.createTextNode(plain([value].flat().map((part) => withUnit(part, name)).join(", ") || "—"));
}

/** A name and a value a row. */
export function fields(values) {
  return pairs(Object.entries(values).map(([name, value]) => [name, shown(value, name)]));
}

/** Rows of two: what, and what it is. */
export function pairs(rows) {
  const parts = rows.flatMap(([name, value]) => [element("dt", {}, plain(name)), element("dd", {}, value)]);
  return element("dl", { class: "fields" }, ...parts);
}

/**
 * A table that scrolls by itself where it is too wide. A row is a list of cells, or `{ cells, …attributes }`; `isHeaded` says
 * that the first cell of each names the row.
 */
export function table(heads, rows, name, { isHeaded = false, caption = null, ...attributes } = {}) {
  const title = (text) => (text ? element("th", { scope: "col" }, text) : element("td"));
  const head = element("tr", {}, ...heads.map(title));
  const body = rows.map((row) => {
    const { cells, ...rest } = Array.isArray(row) ? { cells: row } : row;
    const cell = (content, i) => element(isHeaded && !i ? "th" : "td", { scope: isHeaded && !i && "row" }, ...[content].flat());
    return element("tr", rest, ...cells.map(cell));
  });
  const said = caption && element("caption", {}, ...[caption].flat());
  const parts = [said, element("thead", {}, head), element("tbody", {}, ...body)];
  return scrolling(name, element("table", { "aria-label": name, ...attributes }, ...parts));
}

/** A table whose heads are said by key; without rows a word instead. */
export function saidTable(say, keys, rows, name, attributes) {
  return rows.length ? table(keys.map((key) => say(key)), rows, name, attributes) : quiet(say("nothing-yet"));
}

/** What is wider than its place moves in it, by keys too. */
export function scrolling(name, ...children) {
  return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": name }, ...children);
}

/** The beginning of a digest; the whole in the title. */
export function short(digest) {
  return element("code", { title: digest }, `${digest.slice(0, 10)}…`);
}

function withUnit(value, name) {
  if (value === null) return "—";
  if (!Number.isInteger(value)) return value;
  const decimal = (part, digits, most = 3) =>
    (value / part).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: most });
  if (/_cents$/.test(name)) return decimal(100, 2);
  if (/_ppm$/.test(name)) return `${decimal(10000, 2, 4)} %`;
  if (/_g$/.test(name)) return `${decimal(1, 0)} g`;
  if (/_wh$/.test(name)) return `${decimal(1000, 3)} kWh`;
  if (/(_ms|^time|^expires)$/.test(name)) return value >= INSTANT_MIN ? instant(value) : `${value} ms`;
  return value;
}
