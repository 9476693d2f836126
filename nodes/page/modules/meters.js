/**
 * Each node with what it holds of the height under way: a meter for each certificate, a cell for each validator.
 */

import { element } from "./elements.js";
import { foremost, isIsolated } from "./reach.js";

/** @typedef {(key: string, values?: Record<string, any>) => string} Text */

/**
 * @param {import("./reach.js").Network} network
 * @param {Text} text
 */
export function nodeTable(network, text) {
  const count = foremost(network)?.consensus?.validators.length ?? network.nodes.length;
  const names = [text("node"), text("state"), text("height"), text("statements", { quorum: foremost(network)?.consensus?.quorum ?? "?", count })];
  const rows = network.nodes.map((node) => {
    const { consensus } = node;
    const states = [node.running ? (node.silent ? "silent" : "up") : "down", node.traitor && "traitor", node.running && isIsolated(node) && "isolated"];
    const leads = consensus?.leader === node.member ? element("strong", { class: "leads" }, ` ♛ ${text("leader")}`) : null;
    const views = (consensus?.views ?? []).filter(({ view, certificates }) => view === consensus?.view || Object.values(certificates).some((one) => one.stated.length));
    return element(
      "tr",
      { "data-member": node.member },
      element("th", { scope: "row" }, node.member, leads),
      element("td", {}, ...states.filter(Boolean).map((key) => element("div", { class: `is-${key}` }, text(String(key), { kind: node.traitor })))),
      element("td", {}, consensus ? consensus.height - 1 : "–"),
      element("td", {}, ...views.map((one) => viewLine(one, /** @type {import("./reach.js").Consensus} */ (consensus), text))),
    );
  });
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
  return element("table", { class: "members" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

/**
 * @param {import("./reach.js").ViewOfHeight} one
 * @param {import("./reach.js").Consensus} consensus
 * @param {Text} text
 * @returns {HTMLElement} a meter for each certificate of a view
 */
function viewLine(one, { height, validators, quorum }, text) {
  const meters = /** @type {const} */ (["notar", "commit", "skip"]).map((kind) => {
    const { held, stated } = one.certificates[kind];
    const members = stated.map(({ member }) => member);
    const cells = validators.map((member) => {
      const has = members.includes(member);
      return element("span", { class: has ? "cell said" : "cell", title: member }, has ? member[0].toUpperCase() : "·");
    });
    const words = text("meter", { kind: text(kind), have: Math.min(quorum, members.length), quorum });
    const label = `${words}${held ? " ✓" : ""}${members.length ? `: ${members.join(", ")}` : ""}`;
    return element("span", { class: held ? "meter held" : "meter", role: "img", "aria-label": label }, ...cells, ` ${words}${held ? " ✓" : ""}`);
  });
  return element("div", { class: "view-line" }, element("span", { class: "quiet" }, text("place", { height, view: one.view })), ...meters);
}
