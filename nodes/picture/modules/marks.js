/**
 * Signs that stand on a lane: certificates, decisions, timers, crashes, refusals.
 */

import { shape } from "./elements.js";

/** @typedef {{ sign: "badge" | "block" | "clock" | "cross" | "start" | "tick" | "warn" | "dot", text: string, name: string }} Mark */

/** By kind of record; null where it is not worth a sign. */
const MARKS = {
  "certificate-notar": () => ({ sign: "badge", text: "N", name: "notar" }),
  "certificate-skip": () => ({ sign: "badge", text: "S", name: "skip" }),
  "certificate-commit": () => ({ sign: "badge", text: "C", name: "commit" }),
  decided: (record) => ({ sign: "block", text: String(record.height), name: "decided" }),
  commit: () => null,
  build: () => null,
  view: (record) => (record.view > 1 ? { sign: "tick", text: `v${record.view}`, name: "view" } : null),
  timeout: () => ({ sign: "clock", text: "", name: "timeout" }),
  crash: () => ({ sign: "cross", text: "", name: "crash" }),
  start: () => ({ sign: "start", text: "", name: "start" }),
  recovered: () => ({ sign: "start", text: "", name: "start" }),
  "invalid-block": () => ({ sign: "warn", text: "!", name: "trouble" }),
  "lost-end": () => ({ sign: "warn", text: "!", name: "trouble" }),
  evidence: () => ({ sign: "warn", text: "!", name: "trouble" }),
  "refused-transaction": () => null,
  "cannot-build": () => null,
  "set-aside": () => ({ sign: "warn", text: "…", name: "trouble" }),
  dropped: () => ({ sign: "warn", text: "!", name: "trouble" }),
  betrayal: () => ({ sign: "warn", text: "✗", name: "betrayal" }),
  diverged: () => ({ sign: "warn", text: "≠", name: "trouble" }),
  failure: () => ({ sign: "warn", text: "!", name: "trouble" }),
};

/** The sign of a record; unknown kinds are dots. */
export function markOf(record) {
  const known = Object.hasOwn(MARKS, record.kind) ? MARKS[record.kind] : null;
  return known ? known(record) : { sign: "dot", text: "", name: "unknown" };
}

/** A sign with its middle at x and y; the title shows when pointed at. */
export function drawMark(mark, x, y, size, title = "") {
  const half = size / 2;
  const text = shape("text", { x: 0, y: 0, dy: "0.36em", "text-anchor": "middle", "font-size": size * (mark.sign === "tick" ? 0.62 : 0.72) }, mark.text);
  const box = { x: -half, y: -half, width: size, height: size };
  const third = size / 3;
  const bodies = {
    badge: () => [shape("rect", { ...box, rx: half }), text],
    block: () => [shape("rect", { ...box, rx: 2 }), text],
    tick: () => [text],
    clock: () => [shape("circle", { r: half * 0.9 }), shape("path", { d: `M0 ${-half * 0.6}V0L${half * 0.5} ${half * 0.3}` })],
    cross: () => [shape("path", { d: `M${-third} ${-third}L${third} ${third}M${third} ${-third}L${-third} ${third}` })],
    start: () => [shape("path", { d: `M${-third} ${-third}L${third} 0L${-third} ${third}Z` })],
    warn: () => [shape("path", { d: `M0 ${-half}L${half} ${half}H${-half}Z` }), text],
    dot: () => [shape("circle", { r: size / 6 })],
  };
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  return shape("g", { class: `mark ${mark.name}`, transform: place }, title && shape("title", {}, title), ...bodies[mark.sign]());
}
