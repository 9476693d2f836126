/**
 * Values of the ledger for the eye: text that cannot act, fields with their units, tables.
 */

import { element } from "./elements.js";
import { instant } from "./speech.js";

/** What the eye does not see, or what turns the order of letters around. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Texts and lists above this size are opened by whoever wants to see them. */
const LONG = { text: 200, list: 8 };
/** Numbers of milliseconds from here on are instants, not spans. */
const INSTANT_MIN = 1e11;

/**
 * @param {unknown} text
 * @returns {string} with a mark in the place of each unseen character
 */
export function plain(text) {
  return String(text).replace(UNSEEN, (found) => `‹U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/**
 * @param {any} value of JSON
 * @param {string} [name] its field, whose end names the unit
 * @returns {Node}
 */
export function shown(value, name = "") {
  if (Array.isArray(value) && value.some((part) => part && typeof part === "object")) {
    const list = element("ol", {}, ...value.map((part) => element("li", {}, shown(part, name))));
    return value.length > LONG.list ? element("details", {}, element("summary", {}, value.length), list) : list;
  }
  if (typeof value === "string" && value.length > LONG.text) {
    return element("details", {}, element("summary", {}, `${plain(value.slice(0, 40))}…`), plain(value));
  }
  if (Array.isArray(value)) return document.createTextNode(plain(value.map((part) => withUnit(part, name)).join(", ") || "—"));
  if (value && typeof value === "object") return fields(value);
  return document.createTextNode(plain(withUnit(value, name)));
}

/**
 * @param {Record<string, any>} values
 * @returns {HTMLElement} a name and a value a row
 */
export function fields(values) {
  const rows = Object.entries(values).map(([name, value]) => [element("dt", {}, plain(name)), element("dd", {}, shown(value, name))]);
  return element("dl", { class: "fields" }, ...rows.flat());
}

/**
 * @param {string[]} heads
 * @param {(Node | string | number)[][]} rows
 * @param {string} [name]
 * @returns {HTMLElement} one that scrolls by itself where it is too wide
 */
export function table(heads, rows, name) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  const whole = element("table", { "aria-label": name }, element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": name }, whole);
}

/**
 * @param {string} digest
 * @returns {HTMLElement} its beginning; the whole in the title
 */
export function short(digest) {
  return element("code", { title: digest }, `${digest.slice(0, 10)}…`);
}

/**
 * @param {any} value
 * @param {string} name
 */
function withUnit(value, name) {
  if (value === null) return "—";
  if (!Number.isInteger(value)) return value;
  const decimal = (/** @type {number} */ part, /** @type {number} */ digits) => (value / part).toLocaleString("en", { minimumFractionDigits: digits });
  if (/_cents$/.test(name)) return decimal(100, 2);
  if (/_wh$/.test(name)) return `${decimal(1000, 3)} kWh`;
  if (/(_ms|^time|^expires)$/.test(name)) return value >= INSTANT_MIN ? instant(value) : `${value} ms`;
  return value;
}
