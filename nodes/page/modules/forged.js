/**
 * What became of a forgery: the chain as blocks with the broken links, the verifier's rules, the certificate, who is convicted.
 */

import { element, shape } from "./elements.js";
import { plain, short, table } from "./values.js";

/** @typedef {import("./edit.js").Say} Say */
const [WIDE, GAP, HIGH] = [190, 56, 116];

/**
 * @param {any} account the control's answer
 * @param {Say} say
 * @param {"en" | "zh"} language
 * @returns {Node[]}
 */
export function forgedParts(account, say, language) {
  const parts = [verdict(account, say, language), element("p", {}, account.certificate.sentence[language])];
  if (account.convicted) {
    parts.push(element("p", { class: "outcome rejected", "data-convicted": account.convicted.join(" ") }, account.conviction_words[language]));
    parts.push(element("button", { type: "button", click: () => saveFile("conviction.json", account.conviction) }, say("save-conviction")));
  }
  if (account.light_client) parts.push(element("p", {}, account.light_client.sentence[language]));
  if (account.verdict) parts.push(rules(account, say, language));
  if (account.changed.length) parts.push(changes(account, say));
  return parts;
}

/**
 * @param {string} name
 * @param {string} text
 */
export function saveFile(name, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * @param {any} account
 * @param {Say} say
 * @param {"en" | "zh"} language
 */
function verdict(account, say, language) {
  const lines = (/** @type {string} */ shine, /** @type {string} */ sign, /** @type {string} */ head, /** @type {(Node | string)[]} */ ...reason) =>
    element("div", { class: "light", "data-shine": shine, role: "status" }, element("span", { class: "lamp", "aria-hidden": "true" }, sign),
      element("div", {}, element("strong", {}, head), ...reason.map((text) => element("div", { class: "reason" }, text))));
  if (account.unverifiable) return lines("bad", "×", say("unverifiable"), account.unverifiable);
  const broken = account.verdict.broken;
  if (broken) {
    const found = `→ ${broken.cause_words[language]} (${broken.cause})`;
    const exact = language === "en" ? plain(broken.message) : "";
    return lines("bad", "×", `${say("broken", broken)} ${broken.place[language]}`, broken.sentence[language], found, exact);
  }
  return account.convicted ? lines("wait", "!", say("alone"), say("beside")) : lines("good", "✓", say("holds"));
}

/**
 * @param {any} account
 * @param {Say} say
 * @returns {HTMLElement} the blocks around the edited one, and the same as a table
 */
export function forgedChain(account, say) {
  const rows = account.chain;
  if (!rows.length) return element("section");
  const width = rows.length * (WIDE + GAP) - GAP + 8;
  const drawn = rows.map((/** @type {any} */ row, /** @type {number} */ at) => block(row, rows[at - 1], at * (WIDE + GAP) + 4, say));
  const picture = shape("svg", { viewBox: `0 0 ${width} ${HIGH + 8}`, width, height: HIGH + 8, role: "img", class: "chain" }, shape("title", {}, say("chain")), ...drawn);
  const cells = rows.map((/** @type {any} */ row) => [
    row.height, short(row.id || "—"), row.id === row.was ? say("same") : say("another"), mark(row.link_holds, say), mark(row.contents_hold, say), mark(row.certificate_holds, say),
  ]);
  const words = table(["block", "id", "compared", "link", "contents", "certificate"].map((key) => say(key)), cells, say("chain"));
  return element("section", {}, element("h3", {}, say("chain")), element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("chain") }, picture), element("details", {}, element("summary", {}, say("as-table")), words));
}

/**
 * @param {any} row
 * @param {any} before the row drawn left of it
 * @param {number} x
 * @param {Say} say
 */
function block(row, before, x, say) {
  const text = (/** @type {number} */ y, /** @type {string} */ words, /** @type {string} */ kind) => shape("text", { x: x + 10, y, class: kind }, words);
  const holds = (/** @type {boolean} */ isSo) => (isSo ? "good" : "bad");
  const [from, to, y] = [x - GAP + 4, x - 4, HIGH / 2];
  const isNext = before && before.height === row.height - 1;
  const kind = !isNext ? "gap" : row.link_holds ? "holds" : "broken";
  const cross = `M${x - GAP / 2 - 9} ${y - 9} l18 18 m0 -18 l-18 18`;
  const isEdited = row.is_edited && row.is_changed;
  return shape("g", { class: isEdited ? "block edited" : row.is_changed ? "block changed" : "block" },
    before && shape("line", { x1: from, x2: to, y1: y, y2: y, class: `link ${kind}` }),
    kind === "broken" && before ? shape("path", { d: cross, class: "cross" }) : null,
    shape("rect", { x, y: 4, width: WIDE, height: HIGH - 4, rx: 6 }),
    text(26, `${say("block")} ${row.height}${isEdited ? ` · ${say("edited")}` : ""}`, "name"),
    text(48, `${(row.id || "—").slice(0, 10)}… ${row.id === row.was ? "" : "≠"}`, row.id === row.was ? "id" : "id another"),
    row.height ? text(74, `${row.contents_hold ? "✓" : "×"} ${say("contents")}`, holds(row.contents_hold)) : null,
    row.height ? text(96, `${row.certificate_holds ? "✓" : "×"} ${say("certificate")}`, holds(row.certificate_holds)) : null);
}

/**
 * @param {any} account
 * @param {Say} say
 * @param {"en" | "zh"} language
 */
function rules(account, say, language) {
  const { checks, broken } = account.verdict;
  const state = (/** @type {any} */ check) => {
    if (check.number === broken?.number) return element("strong", { class: "rejected" }, say("is-broken"));
    return element("span", { class: check.held ? "" : "quiet" }, check.held ? say("held", check) : say(check.number > broken?.number ? "not-reached" : "nothing"));
  };
  const rows = checks.map((/** @type {any} */ check) => [check.number, check.name, state(check), check.sentence[language]]);
  return element("section", {}, element("h3", {}, say("rules")), table(["number", "rule", "state", "sentence"].map((key) => say(key)), rows, say("rules")));
}

/**
 * @param {any} account
 * @param {Say} say
 */
function changes(account, say) {
  const value = (/** @type {any[]} */ held) => (held.length ? cut(JSON.stringify(held[0])) : "—");
  const rows = account.changed.map((/** @type {any} */ row) => [row.height, element("code", {}, plain(row.path.join("."))), value(row.before), value(row.after), say(`why-${row.why}`)]);
  const head = say("changes", { count: account.changed_count });
  return element("section", {}, element("h3", {}, head), table(["block", "field", "before", "after", "why"].map((key) => say(key)), rows, head));
}

/** @param {string} text */
function cut(text) {
  return element("code", { title: plain(text) }, text.length > 26 ? `${plain(text.slice(0, 22))}…` : plain(text));
}

/**
 * @param {boolean} holds
 * @param {Say} say
 */
function mark(holds, say) {
  return element("span", { class: holds ? "committed" : "rejected" }, say(holds ? "does-hold" : "does-not"));
}
