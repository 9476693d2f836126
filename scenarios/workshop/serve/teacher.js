/**
 * The room: a reader finds the own group by number and code; the holder of the teacher's token sees and steers all groups.
 * The address keeps language and theme: `#language=zh&theme=dark`.
 */

import { knownToken, readAddress, writeAddress } from "./address.js";
import { byId, element, isDark } from "./elements.js";
import { Poll, Problem, ask, canonical } from "./source.js";
import { sayer } from "./speech.js";

const LOOK_MS = 2000;
const LOOK_HIDDEN_MS = 10000;

const say = sayer("teacher");
let address = readAddress(location.hash);
const token = knownToken();
let language = "en";
/** Number and port of each group. */
let places = [];

const number = element("input", { type: "number", min: 1, value: 1, id: "number" });
const body = element("tbody");
const code = element("strong", { class: "room-code" });
const opened = element("strong", {}, location.host);

start();

async function start() {
  go({});
  places = (await asked("/groups")).groups ?? [];
  show();
  if (token) new Poll(look, true, LOOK_MS, LOOK_HIDDEN_MS).now();
}

/** Changes the address. */
function go(changes) {
  address = { ...address, ...changes };
  history.replaceState(null, "", writeAddress(address));
  language = (address.language ?? navigator.language).startsWith("zh") ? "zh" : "en";
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = address.theme ?? "";
}

function show() {
  document.title = `Tallystick · ${text("title")}`;
  const changeTheme = () => go({ theme: isDark(address.theme) ? "light" : "dark" });
  const tools = element("p", { class: "tools" }, button("language", changeLanguage), button("theme", changeTheme));
  byId("room").replaceChildren(element("h1", {}, text("title")), tools, token ? desk() : door());
}

/** For a group: its number and the code. */
function door() {
  const given = element("input", { id: "code", inputmode: "numeric", autocomplete: "off", maxlength: 12 });
  const buttons = places.map((place) =>
    element("button", { type: "button", click: () => join(place.number, given.value) }, text("go", place)));
  return element(
    "section",
    { class: "door" },
    element("label", { for: "code" }, text("code")),
    given,
    element("h2", {}, text("join")),
    element("p", { class: "groups" }, ...buttons),
  );
}

async function join(group, given) {
  const answer = await asked("/join", { group, code: given });
  if (answer.token) location.href = pageOf(answer.port, answer.token, "&view=exercises");
}

/** Address of the page of a group. */
function pageOf(port, groupToken, more = "") {
  return `${location.protocol}//${location.hostname}:${port}/#token=${groupToken}${more}&language=${language}`;
}

/** For the teacher. */
function desk() {
  const names = ["group", "page", "state", "nodes", "height", "story", "labs", "now", "all"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name === "all" ? "" : text(name))));
  const all = (name, order) => button(name, () => tell({ do: name, ...order?.() }));
  const sure = (name, key, order) => button(name, () => {
    if (confirm(text(key, { number: number.value, who: text("all") }))) tell({ do: name, ...order?.() });
  });
  const numbered = () => ({ number: number.valueAsNumber });
  return element(
    "section",
    {},
    element("p", { class: "projector" }, `${text("address")} `, opened, ` · ${text("room")} `, code),
    element("div", { class: "table" }, element("table", {}, element("thead", {}, head), body)),
    element(
      "fieldset",
      {},
      element("legend", {}, text("all")),
      all("freeze"),
      all("unfreeze"),
      sure("reset", "reset-sure"),
      element("label", { for: "number" }, "№"),
      number,
      all("step", () => ({ do: "story", ...numbered() })),
      sure("exercise", "exercise-sure", numbered),
    ),
  );
}

/** The row of a group: its number, token, network and labs. */
function drawn(row) {
  const { network } = row;
  const labs = row.exercises ?? [];
  const nodes = network?.nodes ?? [];
  const port = places.find((place) => place.number === row.number)?.port ?? 0;
  const small = (name, isSure = () => true) => {
    const label = { "aria-label": `${text(name)}: ${text("who", row)}` };
    return button(name, () => isSure() && tell({ do: name, groups: [row.number] }), label);
  };
  const cells = [
    element("a", { href: pageOf(port, row.token) }, port),
    state(network),
    network ? `${nodes.filter((node) => node.running).length}/${nodes.length}` : "–",
    network ? Math.max(0, ...nodes.map((node) => node.height ?? 0)) : "–",
    network?.story ? `${network.story.at}/${network.story.of}` : "–",
    labs.filter((lab) => lab.done).map((lab) => lab.number).join(" ") || "–",
    labs.filter((lab) => lab.started).map((lab) => `${lab.number} ${lab.title}`).join(", ") || "–",
    element(
      "span",
      {},
      small(network?.frozen ? "unfreeze" : "freeze"),
      small("reset", () => confirm(text("reset-sure", { who: text("who", row) }))),
    ),
  ];
  return element("tr", {}, element("th", { scope: "row" }, row.number), ...cells.map((cell) => element("td", {}, cell)));
}

function button(name, click, attributes = {}) {
  return element("button", { type: "button", click, ...attributes }, text(name));
}

function state(network) {
  if (!network) return text("silent");
  if (network.frozen) return text("frozen");
  const { job } = network;
  if (job?.state === "running" || job?.state === "waiting") return text("works", job);
  return job?.state === "failed" ? text("failed", job) : text("ready");
}

/** Whether the groups answered. */
async function look() {
  const answer = await asked(`/rows?lang=${language}`);
  if (!answer.groups) return false;
  code.textContent = answer.code;
  if (answer.urls.length) opened.textContent = answer.urls.join(" · ").replaceAll("http://", "").replaceAll("/", "");
  body.replaceChildren(...answer.groups.map(drawn));
  return true;
}

async function tell(order) {
  const { answers } = await asked("/orders", order);
  if (!answers) return;
  const refused = answers.filter((one) => one.code && one.detail);
  tellPeople(refused.length ? refused.map((one) => text("refused", one)).join(" ") : text("told", { count: answers.length }));
}

/** The answer; a problem is shown, and gives an empty one. */
async function asked(path, sent) {
  try {
    return await ask(sent ? "POST" : "GET", path, { language, token }, sent && canonical(sent));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tellPeople((error.code !== "no-answer" && error.detail) || text("lost"));
  }
  return {};
}

function tellPeople(words) {
  byId("said").textContent = words;
}

function text(key, values) {
  return say(language, key, values);
}

function changeLanguage() {
  go({ language: language === "en" ? "zh" : "en" });
  show();
}
