/**
 * What became of a forgery: the chain as blocks with the broken links, the certificate, who is convicted, the verifier's rules.
 */

import { element, shape } from "./elements.js";
import { folded, outcome, quiet, saveFile } from "./parts.js";
import { plain, saidTable, scrolling, short } from "./values.js";

const [WIDE, GAP, HIGH] = [184, 40, 132];

/** What stays in sight while somebody edits: the chain, and what the verifier says of it. */
export function inSight(account, say, language) {
  return [account.chain.length ? picture(account.chain, say) : "", verdict(account, say, language)];
}

/** All else of the `account`, the answer of the control. */
export function forgedParts(account, say, language) {
  const { chain, certificate, verdict: { broken } = {}, changed } = account;
  const parts = [element("p", {}, certificate.sentence[language])];
  if (broken) {
    const exact = language === "en" ? ` ${plain(broken.message)}` : "";
    const words = say("cause", { words: broken.cause_words[language], cause: broken.cause });
    parts.push(element("p", { class: "cause" }, words, quiet(exact)));
  }
  if (account.convicted) {
    const save = () => saveFile("conviction.json", account.conviction);
    parts.push(outcome("rejected", account.conviction_words[language]));
    parts.push(element("button", { type: "button", click: save }, say("save-conviction")));
  }
  if (account.light_client) parts.push(element("p", {}, account.light_client.sentence[language]));
  if (changed.length) parts.push(changes(account, say));
  if (account.verdict) parts.push(rules(account.verdict, say, language));
  return chain.length ? [...parts, asTable(chain, say)] : parts;
}

function verdict({ unverifiable, verdict: { broken } = {}, convicted }, say, language) {
  if (unverifiable) return light("bad", "×", say("unverifiable"), unverifiable);
  if (!broken) return convicted ? light("wait", "!", say("alone"), say("beside")) : light("good", "✓", say("holds"));
  const demands = say("demands", { sentence: broken.sentence[language] });
  return light("bad", "×", say("broken", { ...broken, place: broken.place[language] }), demands);
}

function light(shine, sign, head, ...reasons) {
  const lines = reasons.map((text) => element("div", { class: "reason" }, text));
  const lamp = element("span", { class: "lamp", "aria-hidden": "true" }, sign);
  const words = element("div", {}, element("strong", {}, head), ...lines);
  return element("div", { class: "light", "data-shine": shine, role: "status" }, lamp, words);
}

/** The blocks around the edited one. */
function picture(rows, say) {
  const width = rows.length * (WIDE + GAP) - GAP + 8;
  const box = { viewBox: `0 0 ${width} ${HIGH + 8}`, width, height: HIGH + 8 };
  const drawn = rows.map((row, at) => block(row, rows[at - 1], at * (WIDE + GAP) + 4, say));
  const title = shape("title", {}, say("chain"));
  return scrolling(say("chain"), shape("svg", { class: "chain", role: "img", ...box }, title, ...drawn));
}

function asTable(rows, say) {
  const cells = rows.map((row) => {
    const marks = [row.link_holds, row.contents_hold, row.certificate_holds].map((holds) =>
      element("span", { class: holds ? "committed" : "rejected" }, say(holds ? "does-hold" : "does-not")));
    return [row.height, short(row.parent || "—"), short(row.id || "—"), say(row.id === row.was ? "same" : "another"), ...marks];
  });
  const words = saidTable(say, ["block", "parent", "id", "compared", "link", "contents", "certificate"], cells, say("chain"));
  return folded(say("as-table"), words);
}

/** `before` is the row drawn left of it. */
function block(row, before, x, say) {
  const text = (y, words, kind) => shape("text", { x: x + 10, y, class: kind }, words);
  const held = (y, key, holds) => row.height ? text(y, `${holds ? "✓" : "×"} ${say(key)}`, holds ? "good" : "bad") : null;
  const [isOther, isEdited] = [row.id !== row.was, row.is_edited && row.is_changed];
  return shape(
    "g",
    { class: isEdited ? "block edited" : row.is_changed ? "block changed" : "block" },
    ...(before ? link(row, before, x) : []),
    shape("rect", { x, y: 4, width: WIDE, height: HIGH - 4, rx: 6 }),
    text(26, `${say("block")} ${row.height}${isEdited ? ` · ${say("edited")}` : ""}`, "name"),
    text(46, `${say("parent")} ${row.parent ? `${row.parent.slice(0, 8)}…` : "—"}`, row.link_holds ? "id" : "id bad"),
    text(66, `${say("id")} ${row.id ? `${row.id.slice(0, 8)}…` : "—"}${isOther ? " ≠" : ""}`, isOther ? "id bad" : "id"),
    held(92, "contents", row.contents_hold),
    held(114, "certificate", row.certificate_holds),
  );
}

function link(row, before, x) {
  const [from, to, y] = [x - GAP + 4, x - 4, HIGH / 2];
  const kind = before.height !== row.height - 1 ? "gap" : row.link_holds ? "holds" : "broken";
  const cross = `M${x - GAP / 2 - 9} ${y - 9} l18 18 m0 -18 l-18 18`;
  const line = shape("line", { x1: from, x2: to, y1: y, y2: y, class: `link ${kind}` });
  return kind === "broken" ? [line, shape("path", { d: cross, class: "cross" })] : [line];
}

function rules({ checks, broken }, say, language) {
  const state = ({ number, held }) => {
    if (number === broken?.number) return element("strong", { class: "rejected" }, say("is-broken"));
    const words = held ? say("held", { held }) : say(number > broken?.number ? "not-reached" : "nothing");
    return element("span", { class: !held && "quiet" }, words);
  };
  const rows = checks.map((check) => [check.number, check.name, state(check), check.sentence[language]]);
  const words = saidTable(say, ["number", "rule", "state", "sentence"], rows, say("rules"));
  return folded(say("rules"), words);
}

function changes({ changed, changed_count: count }, say) {
  const value = (held) => (held.length ? cut(JSON.stringify(held[0])) : "—");
  const rows = changed.map(({ height, path, before, after, why }) => {
    return [height, element("code", {}, plain(path.join("."))), value(before), value(after), say(`why-${why}`)];
  });
  const head = say("changes", { count });
  const words = saidTable(say, ["block", "field", "before", "after", "why"], rows, head);
  return element("section", {}, element("h3", {}, head), words);
}

function cut(text) {
  return element("code", { title: plain(text) }, text.length > 26 ? `${plain(text.slice(0, 22))}…` : plain(text));
}
