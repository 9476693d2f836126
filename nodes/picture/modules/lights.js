/**
 * The two lights. Each says its state in a sign and a sentence, not by colour alone.
 */

import { element } from "./elements.js";
import { say } from "./speech.js";

const SIGNS = { good: "✓", bad: "✗", move: "→", wait: "…", rest: "–" };

export function safety(breach, language) {
  if (!breach) return { shine: "good", text: say(language, "safety-held") };
  return { shine: "bad", text: say(language, breach.code, breach.values) };
}

export function liveness(state, time, language) {
  const down = [...state.nodes].filter(([, node]) => !node.isUp).map(([name]) => name);
  const suffix = down.length ? say(language, "live-down", { nodes: down.join(", ") }) : "";
  const values = { height: state.top + 1, view: state.view, timeouts: state.timeouts };
  if (state.openSince === null && !down.length) return { shine: "good", text: say(language, "live-idle", values) };
  if (state.openSince === null) return { shine: "rest", text: say(language, "live-rest", values) + suffix };
  const ms = Math.round(time - state.openSince);
  const isWaiting = state.timeouts > 0;
  const text = say(language, isWaiting ? "live-waiting" : "live-moving", { ...values, ms });
  return { shine: isWaiting ? "wait" : "move", text: text + suffix };
}

export function drawLight(place, name, verdict) {
  place.dataset.shine = verdict.shine;
  place.replaceChildren(
    element("span", { class: "lamp", "aria-hidden": "true" }, SIGNS[verdict.shine]),
    element("div", {}, element("strong", {}, name), element("span", { class: "reason" }, verdict.text)),
  );
}
