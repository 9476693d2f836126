/**
 * How much of a log is in view at once: widths of the window, and which of them to begin with.
 */

/**
 * @param {number} extent
 * @returns {number[]} from the nearest to the whole log
 */
export function spansOf(extent) {
  const widths = [];
  for (let width = 10; width < extent * 1.2; width *= 1.5) widths.push(Math.round(width));
  return [...widths, Math.max(10, Math.round(extent * 1.2))];
}

/**
 * @param {import("./log.js").Log} log
 * @param {number[]} spans
 * @returns {number} where some nine times the usual way of a message is in view; by order, messages overlap more
 */
export function startZoom(log, spans) {
  const delays = log.flights.filter((f) => f.ends[0]?.why === null).map((f) => log.endOf(f) - log.place(f.sent));
  const usual = delays.sort((a, b) => a - b)[delays.length >> 1] ?? 20;
  return Math.max(0, spans.findIndex((span) => span >= usual * (log.isByOrder ? 3 : 9)));
}
