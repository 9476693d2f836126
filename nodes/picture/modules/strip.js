/**
 * A strip above the scrubber that shows where in the log something happened: decisions, timers, crashes, breaches.
 */

import { shape } from "./elements.js";

/** The class of a tick by kind of record; later ones are drawn over earlier ones. */
const TICKS = { decided: "decided", timeout: "timeout", crash: "crash", diverged: "breach", failure: "breach" };

export function drawStrip(place, log, breaches) {
  const count = Math.max(1, log.records.length - 1);
  const columns = Math.max(1, Math.floor(place.clientWidth / 2));
  /** Columns by class: many records may share one. */
  const ticks = new Map(["decided", "timeout", "crash", "breach"].map((name) => [name, new Set()]));
  const put = (name, index) => ticks.get(name)?.add(Math.round((index / count) * columns));
  for (const index of log.events) {
    const name = TICKS[log.records[index].kind];
    if (name) put(name, index);
  }
  for (const breach of breaches) put("breach", breach.index);
  const paths = [...ticks].map(([name, at]) => shape("path", { class: name, d: [...at].map((x) => `M${x} 0V10`).join("") }));
  const options = { class: "strip", viewBox: `0 0 ${columns} 10`, preserveAspectRatio: "none", "aria-hidden": "true" };
  place.replaceChildren(shape("svg", options, ...paths));
}
