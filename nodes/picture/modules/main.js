/**
 * The picture of one log: reads it from the page and draws it again after each move.
 * The address keeps step, language and theme: `#step=120&language=zh&theme=dark&axis=order`.
 */

import { Controls } from "./controls.js";
import { windowOf } from "./diagram.js";
import { byId, isDark } from "./elements.js";
import { showManual } from "./help.js";
import { action, listenKeys } from "./keys.js";
import { KINDS } from "./labels.js";
import { Log } from "./log.js";
import { say } from "./speech.js";
import { drawStatements } from "./statements.js";
import { RecordTable } from "./table.js";
import { Viewing } from "./viewing.js";

/** Rows of the table on paper. */
const PRINTED_MAX = 300;

const data = JSON.parse(byId("data").textContent);
const address = new URLSearchParams(location.hash.slice(1));
const log = new Log(data.records);
if (address.has("axis")) log.isByOrder = address.get("axis") === "order";
const viewing = new Viewing(log, data.traitors, drawSoon);
const { player, replay } = viewing;
const table = new RecordTable(byId("records"), log, (index) => player.goTo(index));

let language = (address.get("language") ?? navigator.language).startsWith("zh") ? "zh" : "en";
let theme = address.get("theme") ?? "";
let isDue = false;
let isPrinting = false;
let drawn = -1;
let keeping;

const of = (name, keys, sign, run) => action((key) => say(language, key), `do-${name}`, keys, run, sign);
const actions = [
  of("play", [" "], "▶", () => player.toggle()),
  of("back", ["ArrowLeft"], "‹", () => player.step(-1)),
  of("forward", ["ArrowRight"], "›", () => player.step(1)),
  of("event-back", ["Shift+ArrowLeft", "PageUp"], "«", () => player.jump(-1)),
  of("event-forward", ["Shift+ArrowRight", "PageDown"], "»", () => player.jump(1)),
  of("decision-back", ["["], "", () => player.jump(-1, isDecision)),
  of("decision-forward", ["]"], "", () => player.jump(1, isDecision)),
  of("first", ["Home"], "|‹", () => player.goTo(0)),
  of("last", ["End"], "›|", () => player.goTo(log.records.length - 1)),
  of("breach", ["x"], "✗", () => player.goTo(replay.breaches[0]?.index ?? player.index)),
  of("slower", [","], "−", () => player.changeSpeed(-1)),
  of("faster", ["."], "+", () => player.changeSpeed(1)),
  of("out", ["-"], "−", () => viewing.zoomBy(1)),
  of("in", ["+", "="], "+", () => viewing.zoomBy(-1)),
  of("order", ["o"], "|||", () => viewing.changeOrder()),
  of("language", ["l"], "中文", changeLanguage),
  of("theme", ["t"], "◐", changeTheme),
  of("help", ["?"], "?", () => showManual(actions, language)),
];
const toggles = KINDS.map((kind, i) => of("kinds", [String(i + 1)], "", () => viewing.toggle(kind)));
const controls = new Controls(byId("controls"), actions, viewing);

start();

function start() {
  listenKeys(() => [...actions, ...toggles], ({ key, target }) => key === " " && target instanceof HTMLButtonElement);
  addEventListener("hashchange", () => player.goTo(stepOf(new URLSearchParams(location.hash.slice(1)))));
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  new ResizeObserver(() => {
    controls.drawStrip();
    drawSoon();
  }).observe(byId("diagram"));
  setTheme();
  player.goTo(stepOf(address));
}

/** The step that the address names, else the breach, else the first decision: there is something to see. */
function stepOf(where) {
  const step = Number(where.get("step"));
  if (Number.isInteger(step) && step > 0) return step - 1;
  if (replay.breaches.length) return replay.breaches[0].index;
  return log.next(0, 1, isDecision) % (log.records.length - 1 || 1);
}

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
  const view = viewing.view(language);
  const sentence = `${log.records[view.index].node ?? ""} ${log.sentence(view.index, language)}`.trim();
  const { isPlaying } = player;
  controls.draw(sentence, language);
  viewing.draw(byId("diagram"), [byId("safety"), byId("liveness")], language);
  byId("now").setAttribute("aria-live", isPlaying ? "off" : "polite");
  byId("now").textContent = `${log.time(view.index).toLocaleString("en")} ms · ${sentence}`;
  if (!isPlaying || drawn !== view.index) {
    drawStatements(byId("statements"), log, view.index, language);
    table.draw(view.index, language);
  }
  drawn = view.index;
  if (isPrinting) drawRowsForPrint(view);
  drawWords();
  if (!isPlaying) keepAddress();
}

function print(begins) {
  isPrinting = begins;
  draw();
}

/** A printer gets the rows of the window in view. */
function drawRowsForPrint(view) {
  const [from] = windowOf(view);
  table.drawForPrint(Math.max(log.lastAt(Math.max(0, from)), player.index - PRINTED_MAX), player.index);
}

function drawWords() {
  const values = { records: log.records.length, nodes: log.nodes.length, seconds: (log.duration / 1000).toFixed(1) };
  const verdict = data.verdict ? ` · ${say(language, "verdict", { verdict: data.verdict })}` : "";
  byId("summary").textContent = say(language, "summary", values) + verdict;
  document.documentElement.lang = language;
  for (const labelled of document.querySelectorAll("[data-label]")) {
    labelled.setAttribute("aria-label", say(language, labelled.dataset.label));
  }
}

/** Once it rests: browsers forbid to change the address too often. */
function keepAddress() {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const parts = [`step=${player.index + 1}`, `language=${language}`, theme && `theme=${theme}`, log.isByOrder && "axis=order"];
    history.replaceState(null, "", `#${parts.filter(Boolean).join("&")}`);
  }, 400);
}

function changeLanguage() {
  language = language === "en" ? "zh" : "en";
  drawSoon();
}

function changeTheme() {
  theme = isDark(theme) ? "light" : "dark";
  setTheme();
  drawSoon();
}

function setTheme() {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
