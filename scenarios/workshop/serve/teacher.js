/**
 * The room: whoever comes finds its group by number and code; whoever holds the teacher's token sees and steers all groups.
 * The address keeps language and theme: `#language=zh&theme=dark`.
 */

import { byId, element } from "./elements.js";
import { canonical } from "./source.js";
import { sayer } from "./speech.js";

/** @typedef {{ number: number, running: boolean, token: string, network: any, exercises: any }} Row */

const LOOK_MS = 2000;
const LOOK_HIDDEN_MS = 10000;
const say = sayer("teacher");
const KEEP = "tallystick-teacher";

const address = new URLSearchParams(location.hash.slice(1));
if (address.has("token")) {
  sessionStorage.setItem(KEEP, address.get("token") ?? "");
  address.delete("token");
  keepAddress();
}
const token = sessionStorage.getItem(KEEP) ?? "";
let language = (address.get("language") ?? navigator.language).startsWith("zh") ? "zh" : "en";
let places = /** @type {{ number: number, port: number }[]} */ ([]);

const number = element("input", { type: "number", min: 1, value: 1, id: "number" });
const body = element("tbody");
const code = element("strong", { class: "room-code" });
const opened = element("strong", {}, location.host);

start();

async function start() {
  setTheme();
  places = (await ask("/groups")).groups;
  show();
  if (token) look();
}

function show() {
  document.documentElement.lang = language;
  document.title = `Tallystick · ${text("title")}`;
  const tools = element(
    "p",
    { class: "tools" },
    element("button", { type: "button", click: changeLanguage }, text("language")),
    element("button", { type: "button", click: changeTheme }, text("theme")),
  );
  byId("room").replaceChildren(element("h1", {}, text("title")), tools, token ? desk() : door());
}

/** For a group: its number and the code. */
function door() {
  const given = element("input", { id: "code", inputmode: "numeric", autocomplete: "off", maxlength: 12 });
  const buttons = places.map((place) =>
    element("button", { type: "button", click: () => join(place.number, given.value) }, text("go", place)),
  );
  return element(
    "section",
    { class: "door" },
    element("label", { for: "code" }, text("code")),
    given,
    element("h2", {}, text("join")),
    element("p", { class: "groups" }, ...buttons),
  );
}

/**
 * @param {number} group
 * @param {string} given
 */
async function join(group, given) {
  const answer = await ask("/join", { group, code: given });
  const where = `#token=${answer.token}&view=exercises&language=${language}`;
  if (answer.token) location.href = `${location.protocol}//${location.hostname}:${answer.port}/${where}`;
}

/** For the teacher. */
function desk() {
  const names = ["group", "page", "state", "nodes", "height", "story", "labs", "now", "all"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name === "all" ? "" : text(name))));
  const order = (/** @type {string} */ name, /** @type {() => object | null} */ make) =>
    element("button", { type: "button", click: () => tell(make()) }, text(name));
  const sure = (/** @type {string} */ key, /** @type {object} */ body) =>
    confirm(text(key, { number: number.value, who: text("all") })) ? body : null;
  return element(
    "section",
    {},
    element("p", { class: "projector" }, `${text("address")} `, opened, ` · ${text("room")} `, code),
    element("div", { class: "table" }, element("table", {}, element("thead", {}, head), body)),
    element(
      "fieldset",
      {},
      element("legend", {}, text("all")),
      order("freeze", () => ({ do: "freeze" })),
      order("unfreeze", () => ({ do: "unfreeze" })),
      order("reset", () => sure("reset-sure", { do: "reset" })),
      element("label", { for: "number" }, "№"),
      number,
      order("step", () => ({ do: "story", number: number.valueAsNumber })),
      order("exercise", () => sure("exercise-sure", { do: "exercise", number: number.valueAsNumber })),
    ),
  );
}

/** @param {Row} row */
function drawn(row) {
  const { network, exercises } = row;
  const list = exercises ?? [];
  const done = list.filter((/** @type {any} */ one) => one.done).map((/** @type {any} */ one) => one.number);
  const now = list.filter((/** @type {any} */ one) => one.started).map((/** @type {any} */ one) => `${one.number} ${one.title}`);
  const port = places.find((place) => place.number === row.number)?.port ?? 0;
  const nodes = network?.nodes ?? [];
  const up = nodes.filter((/** @type {any} */ node) => node.running).length;
  const who = text("who", row);
  const cells = [
    element("a", { href: `${location.protocol}//${location.hostname}:${port}/#token=${row.token}&language=${language}` }, String(port)),
    state(network),
    network ? `${up}/${nodes.length}` : "–",
    network ? String(Math.max(0, ...nodes.map((/** @type {any} */ node) => node.height ?? 0))) : "–",
    network?.story ? `${network.story.at}/${network.story.of}` : "–",
    done.join(" ") || "–",
    now.join(", ") || "–",
    element(
      "span",
      {},
      small(network?.frozen ? "unfreeze" : "freeze", row, true),
      small("reset", row, () => confirm(text("reset-sure", { who }))),
    ),
  ];
  return element("tr", {}, element("th", { scope: "row" }, row.number), ...cells.map((cell) => element("td", {}, cell)));
}

/**
 * @param {string} name
 * @param {Row} row
 * @param {true | (() => boolean)} isSure
 */
function small(name, row, isSure) {
  const click = () => (isSure === true || isSure()) && tell({ do: name, groups: [row.number] });
  return element("button", { type: "button", click, "aria-label": `${text(name)}: ${text("who", row)}` }, text(name));
}

/** @param {any} network */
function state(network) {
  if (!network) return text("silent");
  if (network.frozen) return text("frozen");
  const { job } = network;
  if (job?.state === "running" || job?.state === "waiting") return text("works", job);
  return job?.state === "failed" ? text("failed", job) : text("ready");
}

async function look() {
  try {
    const answer = await ask(`/rows?lang=${language}`);
    if (answer.groups) {
      code.textContent = answer.code;
      if (answer.urls.length) opened.textContent = answer.urls.join(" · ").replaceAll("http://", "").replaceAll("/", "");
      body.replaceChildren(...answer.groups.map(drawn));
    }
  } finally {
    setTimeout(look, document.hidden ? LOOK_HIDDEN_MS : LOOK_MS);
  }
}

/** @param {object | null} order */
async function tell(order) {
  if (!order) return;
  const { answers } = await ask("/orders", order);
  if (!answers) return;
  const refused = answers.filter((/** @type {any} */ one) => one.code && one.detail);
  tellPeople(refused.length ? refused.map((/** @type {any} */ one) => text("refused", one)).join(" ") : text("told", { count: answers.length }));
}

/**
 * @param {string} path
 * @param {object} [sent]
 * @returns {Promise<any>} the answer; a problem is told, and answered as nothing
 */
async function ask(path, sent) {
  const headers = { authorization: `Bearer ${token}`, "accept-language": language };
  try {
    const response = await fetch(path, sent ? { method: "POST", headers, body: canonical(sent) } : { headers });
    const answer = await response.json();
    if (response.ok) return answer;
    tellPeople(answer.detail ?? text("lost"));
  } catch {
    tellPeople(text("lost"));
  }
  return {};
}

/** @param {string} words */
function tellPeople(words) {
  byId("said").textContent = words;
}

/**
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
function text(key, values = {}) {
  return say(language, key, values);
}

function changeLanguage() {
  language = language === "en" ? "zh" : "en";
  address.set("language", language);
  keepAddress();
  show();
}

function changeTheme() {
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  address.set("theme", isDark ? "light" : "dark");
  keepAddress();
  setTheme();
}

function setTheme() {
  const theme = address.get("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

function keepAddress() {
  history.replaceState(null, "", `#${address}`);
}
