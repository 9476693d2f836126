/**
 * The picture of one log: reads it from the page and draws it again after each move.
 * The address keeps step, language and theme: `#step=120&language=zh&theme=dark&axis=order`.
 */

import { Controls } from "./controls.js";
import { drawDiagram, windowOf } from "./diagram.js";
import { byId } from "./elements.js";
import { KINDS } from "./labels.js";
import { showHelp } from "./help.js";
import { drawLight, liveness, safety } from "./lights.js";
import { Log } from "./log.js";
import { Player } from "./player.js";
import { Replay } from "./replay.js";
import { drawStatements } from "./statements.js";
import { drawStrip } from "./strip.js";
import { RecordTable } from "./table.js";
import { say } from "./speech.js";
import { spansOf, startZoom } from "./zoom.js";

/** Rows of the table on paper. */
const PRINTED_MAX = 300;

/** @type {{ title: string, traitors: string[], verdict: string, records: import("./log.js").LogRecord[] }} */
const data = JSON.parse(byId("data").textContent ?? "");
const address = new URLSearchParams(location.hash.slice(1));
const log = new Log(data.records);
const replay = new Replay(log, data.traitors);

/** @type {import("./speech.js").Language} */
let language = (address.get("language") ?? navigator.language).startsWith("zh") ? "zh" : "en";
let theme = address.get("theme") ?? "";
if (address.has("axis")) log.arrange(address.get("axis") === "order");
let spans = spansOf(log.extent);
let zoom = startZoom(log, spans);
/** @type {Set<import("./labels.js").Kind>} */
const hidden = new Set(["other"]);
let isDue = false;
let isPrinting = false;
let drawn = -1;

const player = new Player(log, drawSoon);
const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
const table = new RecordTable(byId("records"), log, (index) => player.goTo(index));

/** @type {import("./controls.js").Action[]} */
const actions = [
  { name: "do-play", keys: [" "], sign: "▶", run: () => player.toggle() },
  { name: "do-back", keys: ["ArrowLeft"], sign: "‹", run: () => player.step(-1) },
  { name: "do-forward", keys: ["ArrowRight"], sign: "›", run: () => player.step(1) },
  { name: "do-event-back", keys: ["Shift+ArrowLeft", "PageUp"], sign: "«", run: () => player.jump(-1) },
  { name: "do-event-forward", keys: ["Shift+ArrowRight", "PageDown"], sign: "»", run: () => player.jump(1) },
  { name: "do-decision-back", keys: ["["], run: () => player.jump(-1, isDecision) },
  { name: "do-decision-forward", keys: ["]"], run: () => player.jump(1, isDecision) },
  { name: "do-first", keys: ["Home"], sign: "|‹", run: () => player.goTo(0) },
  { name: "do-last", keys: ["End"], sign: "›|", run: () => player.goTo(log.records.length - 1) },
  { name: "do-breach", keys: ["x"], sign: "✗", run: () => player.goTo(replay.breaches[0]?.index ?? player.index) },
  { name: "do-slower", keys: [","], sign: "−", run: () => player.changeSpeed(-1) },
  { name: "do-faster", keys: ["."], sign: "+", run: () => player.changeSpeed(1) },
  { name: "do-out", keys: ["-"], sign: "−", run: () => zoomBy(1) },
  { name: "do-in", keys: ["+", "="], sign: "+", run: () => zoomBy(-1) },
  { name: "do-order", keys: ["o"], sign: "|||", run: changeOrder },
  { name: "do-language", keys: ["l"], sign: "中文", run: changeLanguage },
  { name: "do-theme", keys: ["t"], sign: "◐", run: changeTheme },
  { name: "do-help", keys: ["?"], sign: "?", run: () => showHelp(dialog, actions, language) },
];
const controls = new Controls(byId("controls"), actions, { count: log.records.length, goTo: (i) => player.goTo(i), toggle });

start();

function start() {
  document.addEventListener("keydown", (event) => {
    const kind = KINDS[Number(event.key) - 1];
    if (kind && !dialog.open && !event.ctrlKey && !event.metaKey && !event.altKey) toggle(kind);
  });
  addEventListener("hashchange", () => player.goTo(stepOf(new URLSearchParams(location.hash.slice(1)))));
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  new ResizeObserver(() => {
    drawStrip(controls.strip, log, replay.breaches);
    drawSoon();
  }).observe(byId("diagram"));
  setTheme();
  player.goTo(stepOf(address));
}

/**
 * @param {URLSearchParams} where
 * @returns {number} the step that the address names, else the breach, else the first decision: there is something to see
 */
function stepOf(where) {
  const step = Number(where.get("step"));
  if (Number.isInteger(step) && step > 0) return step - 1;
  if (replay.breaches.length) return replay.breaches[0].index;
  return log.next(0, 1, isDecision) % (log.records.length - 1 || 1);
}

/** @param {import("./log.js").LogRecord} record */
function isDecision(record) {
  return record.kind === "decided";
}

/** Draws once before the next frame, however often it is asked for. */
function drawSoon() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw() {
  const view = viewNow();
  const sentence = `${log.records[view.index].node ?? ""} ${log.sentence(view.index, language)}`.trim();
  const now = log.isByOrder ? log.time(view.index) : view.at;
  const hasBreach = replay.breaches.length > 0;
  controls.draw({ ...view, isPlaying: player.isPlaying, speed: player.speed, sentence, hasBreach, isByOrder: log.isByOrder });
  drawDiagram(byId("diagram"), log, replay, view);
  drawLight(byId("safety"), say(language, "safety"), safety(replay.breachAt(view.index), language));
  drawLight(byId("liveness"), say(language, "liveness"), liveness(replay.at(view.index), now, language));
  byId("now").setAttribute("aria-live", player.isPlaying ? "off" : "polite");
  byId("now").textContent = `${log.time(view.index).toLocaleString("en")} ms · ${sentence}`;
  if (!player.isPlaying || drawn !== view.index) {
    drawStatements(byId("statements"), log, view.index, language);
    table.draw(view.index, language);
  }
  drawn = view.index;
  if (isPrinting) drawRowsForPrint();
  drawWords();
  if (!player.isPlaying) keepAddress();
}

/** @param {boolean} begins */
function print(begins) {
  isPrinting = begins;
  draw();
}

/** A printer gets the rows of the window in view. */
function drawRowsForPrint() {
  const [from] = windowOf(viewNow());
  table.drawForPrint(Math.max(log.lastAt(Math.max(0, from)), player.index - PRINTED_MAX), player.index);
}

/** @returns {import("./diagram.js").View} */
function viewNow() {
  return { index: player.index, at: player.at, span: spans[zoom], hidden, language };
}

function drawWords() {
  const values = { records: log.records.length, nodes: log.nodes.length, seconds: (log.duration / 1000).toFixed(1) };
  const verdict = data.verdict ? ` · ${say(language, "verdict", { verdict: data.verdict })}` : "";
  byId("summary").textContent = say(language, "summary", values) + verdict;
  document.documentElement.lang = language;
  for (const labelled of document.querySelectorAll("[data-label]")) {
    labelled.setAttribute("aria-label", say(language, /** @type {HTMLElement} */ (labelled).dataset.label ?? ""));
  }
}

/** @type {number | undefined} */
let keeping;

/** Once it rests: browsers forbid to change the address too often. */
function keepAddress() {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const parts = [`step=${player.index + 1}`, `language=${language}`, theme && `theme=${theme}`, log.isByOrder && "axis=order"];
    history.replaceState(null, "", `#${parts.filter(Boolean).join("&")}`);
  }, 400);
}

/** @param {import("./labels.js").Kind} kind */
function toggle(kind) {
  if (!hidden.delete(kind)) hidden.add(kind);
  drawSoon();
}

/** @param {1 | -1} step */
function zoomBy(step) {
  zoom = Math.min(Math.max(zoom + step, 0), spans.length - 1);
  drawSoon();
}

function changeOrder() {
  log.arrange(!log.isByOrder);
  spans = spansOf(log.extent);
  zoom = startZoom(log, spans);
  player.goTo(player.index);
}

function changeLanguage() {
  language = language === "en" ? "zh" : "en";
  drawSoon();
}

function changeTheme() {
  const isDark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  theme = isDark ? "light" : "dark";
  setTheme();
  drawSoon();
}

function setTheme() {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
