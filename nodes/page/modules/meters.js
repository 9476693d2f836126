/**
 * Each node with what it holds of the height under way: a meter for each certificate, a cell for each validator.
 */

import { element } from "./elements.js";
import { table } from "./values.js";

export function nodeTable({ nodes, quorum }, say, language) {
  const { validators = nodes, quorum: needed = quorum } = nodes.find((node) => node.consensus)?.consensus ?? {};
  const heads = [say("node"), say("state"), say("height"), say("statements", { quorum: needed, count: validators.length })];
  const rows = nodes.map((node) => {
    const { consensus, member, running, traitor, traitor_called: called, silent, faults } = node;
    const state = !running ? "down" : silent ? "silent" : "up";
    const states = [state, traitor && "traitor", running && faults.some(isIsolation) && "isolated"];
    const leads = consensus?.leader === member ? element("strong", { class: "leads" }, ` ♛ ${say("leader")}`) : null;
    const isSaid = ({ view, certificates }) =>
      view === consensus.view || Object.values(certificates).some((one) => one.stated.length);
    const views = (consensus?.views ?? []).filter(isSaid);
    const cells = [
      [member, leads],
      states.filter(Boolean).map((key) => element("div", { class: `is-${key}` }, say(key, { kind: called?.[language] }))),
      consensus ? consensus.height - 1 : "–",
      views.map((one) => viewLine(one, consensus, say)),
    ];
    return { cells, "data-member": member };
  });
  return table(heads, rows, say("node"), { class: "members", isHeaded: true });
}

/** Whether it is the fault of a node that hears nobody and is heard by nobody. */
export function isIsolation({ peer, direction, drop_permille: lost }) {
  return peer === "*" && direction === "both" && lost >= 1000;
}

/** A meter for each certificate of a view. */
function viewLine({ view, certificates }, { height, validators, quorum }, say) {
  const meters = ["notar", "commit", "skip"].map((kind) => {
    const { held, stated } = certificates[kind];
    const members = stated.map(({ member }) => member);
    const cells = validators.map((member) => {
      const has = members.includes(member);
      return element("span", { class: has ? "cell said" : "cell", title: member }, has ? member[0].toUpperCase() : "·");
    });
    const words = `${say("meter", { kind: say(kind), have: Math.min(quorum, members.length), quorum })}${held ? " ✓" : ""}`;
    const label = `${words}${members.length ? `: ${members.join(", ")}` : ""}`;
    return element("span", { class: held ? "meter held" : "meter", role: "img", "aria-label": label }, ...cells, ` ${words}`);
  });
  return element("div", { class: "view-line" }, element("span", { class: "quiet" }, say("place", { height, view })), ...meters);
}
