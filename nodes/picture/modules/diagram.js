/**
 * The space-time diagram: a lane a node, time to the right. Only the window in view is drawn, up to the cursor.
 */

import { element, shape } from "./elements.js";
import { KINDS, labelText } from "./labels.js";
import { drawMark, markOf } from "./marks.js";
import { say } from "./speech.js";

/**
 * A `view` is what is looked at: `index` of the record under the cursor, `at`, the place of the cursor, which may lie between
 * records, `span`, the width of the window, `hidden` kinds of messages, `language`, and perhaps `names`: what people call each
 * node. A `frame` is where things are drawn: `x` of a place, the height of a node's `lane`, the edges, and the size of `rem`.
 */

const FLIGHTS_MAX = 800;
const MARKS_MAX = 1500;
/** Signs of one moment stand on the lane, then above it, then below; in their own heights. */
const ROWS = [0, -1.05, -2.1, 1.05];
/** Losses that happen where a message arrives; of others the place is not known. */
const AT_RECEIVER = ["down", "full"];
/** Where the cursor stands in the window once the log is longer than what lies before it. */
const CURSOR = 0.86;

export function drawDiagram(place, log, replay, view) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(place.clientWidth, 20 * rem);
  const [from, to] = windowOf(view);
  const step = Math.max(2.6, Math.min(5.6, 26 / log.nodes.length)) * rem;
  const [left, right, height] = [11 * rem, width - rem, (log.nodes.length - 1) * step + 5.7 * rem];
  const lanes = new Map(log.nodes.map((name, i) => [name, 2.9 * rem + i * step]));
  const x = (at) => left + ((at - from) / (to - from)) * (right - left);
  const frame = { x, lane: (name) => lanes.get(name) ?? 0, left, right, height, rem };

  const { shown, hidden, tooMany } = chosen(log, view, from, to);
  const picture = shape("svg", { class: "diagram", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  picture.append(
    shape("title", {}, say(view.language, "diagram")),
    arrowHeads(),
    shape("clipPath", { id: "window" }, shape("rect", { x: left, y: 0, width: right - left, height })),
    axis(frame, from, to, view, log),
    ...log.nodes.map((name) => laneOf(name, log, replay, view, frame)),
    shape("g", { "clip-path": "url(#window)" }, ...shown.map((flight) => arrow(flight, log, view, frame))),
    marks(log, view, frame, from),
    cursor(view, frame),
    caption(log.flightOf[view.index], log, view, frame),
  );
  place.replaceChildren(picture, note(hidden, tooMany, view));
}

/** The places at both ends of the window. */
export function windowOf(view) {
  const from = Math.max(-view.span * 0.02, view.at - view.span * CURSOR);
  return [from, from + view.span];
}

function chosen(log, view, from, to) {
  const hidden = new Map();
  const current = log.flightOf[view.index];
  const shown = log.flightsBetween(from, Math.min(to, view.at)).filter((flight) => {
    if (flight.sent > view.index) return false;
    if (flight === current || !view.hidden.has(flight.kind)) return true;
    hidden.set(flight.kind, (hidden.get(flight.kind) ?? 0) + 1);
    return false;
  });
  const weightiest = [...shown].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)).slice(0, FLIGHTS_MAX);
  const last = current && weightiest.includes(current) ? [current] : [];
  return { shown: [...weightiest.filter((f) => f !== current).reverse(), ...last], hidden, tooMany: shown.length - weightiest.length };
}

function arrow(flight, log, view, frame) {
  const isCurrent = log.flightOf[view.index] === flight;
  const group = shape("g", { class: `flight ${flight.kind}${isCurrent ? " current" : ""}` });
  const start = { x: frame.x(log.place(flight.sent)), y: frame.lane(flight.from) };
  const goal = frame.lane(flight.to);
  group.append(shape("title", {}, `${flight.from} → ${flight.to}: ${labelText(view.language, flight.labels)}`));
  const seen = flight.ends.filter((end) => end.index <= view.index);
  for (const end of seen) group.append(...ended(start, goal, frame.x(log.place(end.index)), end.why, frame));
  if (seen.length < flight.ends.length || !flight.ends.length) group.append(...underWay(flight, log, view, start, goal, frame));
  return group;
}

/** A message that ended at `x`, arrived or lost for the reason `why`. */
function ended(start, goal, x, why, frame) {
  if (why === null) return [line(start, { x, y: goal - Math.sign(goal - start.y) * 4 }, "arrived")];
  const isAtReceiver = AT_RECEIVER.includes(why);
  const end = isAtReceiver ? { x, y: goal } : { x: start.x + frame.rem * 0.9, y: start.y + (goal - start.y) * 0.3 };
  const size = frame.rem * 0.22;
  const cross = `M${end.x - size} ${end.y - size}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}`;
  return [line(start, end, "lost"), shape("path", { class: "drop", d: cross })];
}

function underWay(flight, log, view, start, goal, frame) {
  const now = frame.x(view.at);
  const next = flight.ends.find((end) => end.index > view.index);
  const end = next ? frame.x(log.place(next.index)) : Math.max(now, start.x) + 2 * frame.rem;
  const share = end > start.x ? Math.min(1, Math.max(0.04, (now - start.x) / (end - start.x))) : 0.04;
  const head = { x: start.x + (end - start.x) * share, y: start.y + (goal - start.y) * share };
  return [line(start, head, "under-way"), shape("circle", { class: "head", cx: head.x, cy: head.y, r: frame.rem * 0.16 })];
}

function line(start, end, name) {
  const [x1, y1, x2, y2] = [start.x, start.y, end.x, end.y].map((value) => value.toFixed(1));
  return shape("line", { class: name, x1, y1, x2, y2, "marker-end": name === "arrived" ? "url(#head)" : null });
}

/** What the message under the cursor says, beside the lane it left. */
function caption(flight, log, view, frame) {
  if (!flight) return shape("g");
  const sent = Math.max(frame.x(log.place(flight.sent)), frame.left);
  const isLate = sent > (frame.left + frame.right) / 2;
  const y = frame.lane(flight.from) + (frame.lane(flight.to) > frame.lane(flight.from) ? 1.5 : -0.9) * frame.rem;
  const options = { class: `caption ${flight.kind}`, x: sent + (isLate ? -10 : 10), y, "text-anchor": isLate ? "end" : "start" };
  return shape("text", options, labelText(view.language, flight.labels));
}

function laneOf(name, log, replay, view, frame) {
  const y = frame.lane(name);
  const node = replay.at(view.index).nodes.get(name);
  const state = node?.isUp ? say(view.language, "at-height", node) : say(view.language, "down");
  const traitor = replay.traitors.has(name) ? shape("tspan", { class: "traitor" }, `${say(view.language, "traitor")} · `) : null;
  const until = Math.max(frame.left, Math.min(frame.right, frame.x(view.at)));
  const stretches = downTimes(name, log, view.index).map(([from, to]) =>
    shape("rect", {
      class: "down",
      x: Math.max(frame.left, frame.x(from)),
      y: y - frame.rem * 0.35,
      width: Math.max(0, Math.min(until, to === null ? until : frame.x(to)) - Math.max(frame.left, frame.x(from))),
      height: frame.rem * 0.7,
    }),
  );
  return shape(
    "g",
    { class: `lane${node?.isUp ? "" : " is-down"}` },
    shape("line", { class: "axis", x1: frame.left, x2: frame.right, y1: y, y2: y }),
    ...stretches,
    shape("text", { class: "name", x: 0, y: y - 1 }, view.names?.[name] ?? name),
    shape("text", { class: "state", x: 0, y: y + frame.rem * 1.05 }, traitor, view.names ? name : state),
  );
}

/** Pairs of places, from and to: null while it lasts. */
function downTimes(name, log, index) {
  const times = [];
  for (const at of log.turns.get(name) ?? []) {
    if (at > index) break;
    const isStart = log.records[at].kind === "start";
    if (!isStart) times.push([log.place(at), null]);
    else if (times.length && times[times.length - 1][1] === null) times[times.length - 1][1] = log.place(at);
  }
  return times;
}

function marks(log, view, frame, from) {
  const group = shape("g", { class: "marks" });
  const size = frame.rem * 1.15;
  /** By node: where each row of signs above the lane ends. */
  const ends = new Map();
  for (const index of log.eventsBetween(from, view.index).slice(-MARKS_MAX)) {
    const record = log.records[index];
    const x = frame.x(log.place(index));
    const mark = markOf(record);
    if (!record.node) group.append(shape("line", { class: "everywhere", x1: x, x2: x, y1: 0, y2: frame.height - 2 * frame.rem }));
    if (!mark || !record.node) continue;
    const rows = ends.get(record.node) ?? ROWS.map(() => -Infinity);
    ends.set(record.node, rows);
    const free = rows.findIndex((end) => end <= x - size / 2);
    const row = free < 0 ? rows.indexOf(Math.min(...rows)) : free;
    rows[row] = x + size / 2;
    const sign = drawMark(mark, x, frame.lane(record.node) + ROWS[row] * size, size, log.sentence(index, view.language));
    if (index === view.index) sign.classList.add("current");
    group.append(sign);
  }
  return group;
}

function axis(frame, from, to, { language }, { isByOrder }) {
  const group = shape("g", { class: "time" });
  const count = Math.max(2, Math.floor((frame.right - frame.left) / (8 * frame.rem)));
  const raw = (to - from) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, unit * ([1, 2, 5].find((factor) => factor * unit >= raw) ?? 10));
  for (let time = Math.ceil(Math.max(0, from) / step) * step; time <= to; time += step) {
    const x = frame.x(time);
    group.append(shape("line", { x1: x, x2: x, y1: 0, y2: frame.height - 1.6 * frame.rem }));
    if (x < frame.right - frame.rem) {
      group.append(shape("text", { x, y: frame.height - 0.5 * frame.rem, "text-anchor": "middle" }, time.toLocaleString("en")));
    }
  }
  const place = { class: "unit", x: 0, y: frame.height - 0.5 * frame.rem };
  group.append(shape("text", place, say(language, isByOrder ? "axis-order" : "axis-time")));
  return group;
}

function cursor(view, frame) {
  const x = frame.x(view.at);
  return shape("line", { class: "cursor", x1: x, x2: x, y1: 0, y2: frame.height - 1.6 * frame.rem });
}

function arrowHeads() {
  const head = shape("path", { d: "M0 0L8 4L0 8Z", fill: "context-stroke" });
  const options = { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, orient: "auto", markerUnits: "userSpaceOnUse" };
  return shape("defs", {}, shape("marker", { ...options, markerWidth: 9, markerHeight: 9 }, head));
}

function note(hidden, tooMany, view) {
  const counts = KINDS.filter((kind) => hidden.has(kind)).map((kind) =>
    say(view.language, "hidden-count", { count: hidden.get(kind), kind: say(view.language, kind) }),
  );
  const text = counts.length ? say(view.language, "hidden", { counts: counts.join(", ") }) : "";
  const more = tooMany ? say(view.language, "too-many", { count: tooMany }) : "";
  return element("p", { class: "not-drawn" }, [text, more].filter(Boolean).join(" "));
}
