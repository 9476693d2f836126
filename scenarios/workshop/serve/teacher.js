/**
 * The room: a reader finds the own group by number and code; the holder of the teacher's token sees and steers all groups.
 * The address keeps language and theme: `#language=zh&theme=dark`.
 */

import { knownToken, readAddress, writeAddress } from "./address.js";
import { byId, element, isDark } from "./elements.js";
import { quiet, write } from "./parts.js";
import { Poll, Problem, ask, canonical } from "./source.js";
import { sayer } from "./speech.js";

const LOOK_MS = 2000;

const say = sayer("teacher");
let address = readAddress(location.hash);
const token = knownToken();
let language = "en";
/** Number and port of each group. */
let places = [];
/** The newest answer of `/rows`. */
let told = { groups: [], labs: [], chapters: [] };

const [who, lab, step] = ["who", "lab", "step"].map((id) => element("select", { id, change: draw }));
const [state, help, body] = ["p", "p", "tbody"].map((name) => element(name));
const freeze = element("button", { type: "button", click: () => tell({ do: freeze.value }, chosen()) });
const sure = element("dialog", { "aria-labelledby": "sure" });
const code = element("strong", { class: "room-code" });
const opened = element("strong", {}, location.host);
const poll = new Poll(look, true, LOOK_MS);

start();

async function start() {
  go({});
  places = (await asked("/groups")).groups ?? [];
  show();
  if (token) poll.now();
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
  const names = ["group", "state", "story", "now", "check", "misses", "labs"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, text(name))));
  const part = (name, ...parts) => element("section", { class: name }, element("h2", {}, text(name)), ...parts);
  const row = (list, ...more) => element("p", { class: "row" }, element("label", { for: list.id }, text(list.id)), list, ...more);
  const begin = () => askFirst("start-lab", { do: "exercise", number: Number(lab.value) });
  const lead = () => {
    const order = { do: "story", number: Number(step.value) };
    return chosen().some((row) => row.at > order.number) ? askFirst("go-back", order) : tell(order, chosen());
  };
  draw();
  return element(
    "section",
    { class: "teacher" },
    element("p", { class: "projector" }, `${text("address")} `, opened, ` · ${text("room")} `, code),
    element("div", { class: "attention" }, row(who, freeze), state),
    help,
    element("div", { class: "table" }, element("table", {}, element("thead", {}, head), body)),
    part("lead", row(lab, button("start-lab", begin)), row(step, button("go-there", lead))),
    part("danger", quiet(text("reset-is")), button("reset", () => askFirst("reset", { do: "reset" }))),
    sure,
  );
}

/** Rows of the groups that are led. */
function chosen() {
  return told.groups.filter((row) => !who.value || row.number === Number(who.value));
}

/** Gives an order by which ledgers go back only after it was said what is lost, and whose. */
function askFirst(name, order) {
  const rows = chosen();
  const blocks = rows.reduce((sum, row) => sum + row.height, 0);
  const values = { ...order, blocks, count: rows.length, whom: who.selectedOptions[0].text };
  const yes = () => {
    sure.close();
    tell(order, rows);
  };
  const buttons = [button("no", () => sure.close(), { autofocus: true }), button("yes", yes, { class: "danger" })];
  const words = ["lost", "kept"].map((key) => element("p", {}, text(key, values)));
  sure.replaceChildren(element("h2", { id: "sure" }, text(`${name}-sure`, values)), ...words, element("p", { class: "row" }, ...buttons));
  sure.showModal();
}

/** Whatever the newest answer changes. */
function draw() {
  const { groups, labs, chapters } = told;
  const option = (value, words) => element("option", { value }, words);
  const fill = (list, options) => {
    const { value } = list;
    write(list, options);
    if (value) list.value = value;
  };
  const chapter = ({ title, steps }) =>
    element("optgroup", { label: title }, ...steps.map((one) => option(one.number, `${one.number} · ${one.words}`)));
  fill(who, [option("", text("all", { count: groups.length })), ...groups.map((row) => option(row.number, text("go", row)))]);
  fill(lab, labs.map((one) => option(one.number, text("lab-of", one))));
  fill(step, chapters.map(chapter));
  state.textContent = told.said;
  state.className = told.frozen && "frozen";
  freeze.value = chosen().some((row) => row.frozen) ? "unfreeze" : "freeze";
  freeze.textContent = text(freeze.value, { whom: who.selectedOptions[0].text });
  help.textContent = told.help;
  help.className = groups.some((row) => row.needs) ? "needs" : "quiet";
  groups.forEach((row, i) => {
    const line = body.rows[i] ?? body.appendChild(element("tr"));
    line.className = row.needs && "needs";
    write(line, cells(row));
  });
}

/** Of a group: the way to its page, and what stands beside it, in words and smaller words. */
function cells(row) {
  const link = element("a", { href: pageOf(row.port, row.token) }, text("go", row));
  const parts = row.cells.map(([words, more]) => element("td", {}, words, element("small", {}, more)));
  return [element("th", { scope: "row" }, link), ...parts];
}

function button(name, click, attributes = {}) {
  return element("button", { type: "button", click, ...attributes }, text(name));
}

/** Whether the groups answered. */
async function look() {
  const answer = await asked(`/rows?lang=${language}`);
  if (!answer.groups) return false;
  if (poll.failures) tellPeople("");
  told = answer;
  code.textContent = answer.code;
  if (answer.urls.length) opened.textContent = answer.urls.join(" · ").replaceAll("http://", "").replaceAll("/", "");
  draw();
  return true;
}

async function tell(order, rows) {
  const { answers } = await asked("/orders", { ...order, groups: rows.map((row) => row.number) });
  if (!answers) return;
  const refused = answers.filter((one) => one.code && one.detail);
  tellPeople(refused.length ? refused.map((one) => text("refused", one)).join(" ") : text("told", { count: answers.length }));
  poll.now();
}

/** The answer; a problem is shown, and gives an empty one. */
async function asked(path, sent) {
  try {
    return await ask(sent ? "POST" : "GET", path, { language, token }, sent && canonical(sent));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tellPeople((error.code !== "no-answer" && error.detail) || text("lost-room"));
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
