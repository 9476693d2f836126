/**
 * The story as swimlanes: a lane a party, a column a step. Of a long story the columns around the step in view are drawn,
 * and the lanes of those who take part in them.
 */

import { element, shape } from "./elements.js";
import { say } from "./speech.js";

/**
 * @typedef {{ number: number, chapter: number, kind: string, date: string, who: string, actors: string[], words: string, told: boolean, refused: boolean, height: number | null }} Step
 */
/** @typedef {{ scenario: string, title: string, at: number, of: number, chapters: { title: string }[], lanes: { member: string, name: string }[], steps: Step[], branch_note?: string, failure?: { sentence: string } | null }} Story */
/** @typedef {{ number: number, role: string, language: import("./speech.js").Language, go: (step: number) => void }} Look */

/** Signs of what a party does in a step; words beside them are in the legend and in the table. */
const SIGNS = { acts: "●", joins: "○", refused: "✗", again: "↻", gives: "◆", takes: "◇", looks: "◎" };

/** @type {import("./speech.js").Words} */
const WORDS = {
  lanes: ["Steps {first} to {last} of {of}: a lane a party, time runs to the right", "第 {first} 至 {last} 步（共 {of} 步）：每行一方，时间向右"],
  acts: ["signs", "签署"],
  joins: ["signs too", "共同签署"],
  refused: ["tries, and is refused", "尝试，被拒绝"],
  again: ["its envelope comes once more", "其信封再次提交"],
  gives: ["gives openings", "交出开封值"],
  takes: ["receives openings", "收到开封值"],
  looks: ["checks", "核对"],
  clock: ["time passes", "时间流逝"],
  you: ["you", "您"],
};

/**
 * @param {HTMLElement} place
 * @param {Story} story
 * @param {Look} look
 */
export function drawLanes(place, story, look) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(place.clientWidth, 24 * rem);
  const [left, column, row, top] = [Math.min(15 * rem, width * 0.36), 2.1 * rem, 1.75 * rem, 3.4 * rem];
  const steps = inWindow(story.steps, look.number, Math.max(3, Math.floor((width - left) / column)));
  const lanes = story.lanes.filter((lane) => lane.member === look.role || steps.some((step) => placesOf(step, [lane]).length));
  const height = top + lanes.length * row + 0.4 * rem;
  const x = (/** @type {number} */ i) => left + (i + 0.5) * column;
  const y = (/** @type {number} */ i) => top + (i + 0.5) * row;
  const words = say(WORDS, look.language, "lanes", { first: steps[0]?.number ?? 0, last: steps[steps.length - 1]?.number ?? 0, of: story.of });
  const picture = shape("svg", { class: "swimlanes", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" }, shape("title", {}, words));
  lanes.forEach((lane, i) => {
    const you = look.role && lane.member === look.role ? ` ◀ ${say(WORDS, look.language, "you")}` : "";
    const name = shape("text", { class: you ? "name you" : "name", x: 0, y: y(i) + 0.3 * rem }, `${short(lane.name, left / rem)}${you}`, shape("title", {}, `${lane.name} (${lane.member})`));
    picture.append(shape("line", { class: "lane", x1: left, x2: width, y1: y(i), y2: y(i) }), name);
  });
  steps.forEach((step, i) => {
    const group = shape("g", { class: ["step", step.told ? "told" : "", step.number === look.number ? "current" : ""].filter(Boolean).join(" "), click: () => look.go(step.number) });
    group.append(
      shape("title", {}, `${step.number}. ${step.date} ${step.words}`),
      shape("rect", { class: "column", x: x(i) - column / 2, y: 1.3 * rem, width: column, height: height - 1.4 * rem }),
      shape("text", { class: "number", x: x(i), y: 2.9 * rem, "text-anchor": "middle" }, step.number),
    );
    if (step.number === look.number) group.append(shape("path", { class: "here", d: `M${x(i)} ${2 * rem}l${-0.4 * rem} ${-0.5 * rem}h${0.8 * rem}Z` }));
    if (step.told) group.append(...marks(step, lanes, x(i), y));
    if (i === 0 || steps[i - 1].chapter !== step.chapter) picture.append(chapterHead(story, steps, i, x(i) - column / 2, column, height));
    picture.append(group);
  });
  place.replaceChildren(picture, legend(look.language));
}

/**
 * @param {Step[]} steps
 * @param {number} number
 * @param {number} count
 * @returns {Step[]} so many around that step
 */
function inWindow(steps, number, count) {
  const first = Math.max(0, Math.min(number - Math.ceil(count * 0.7), steps.length - count));
  return steps.slice(first, first + count);
}

/**
 * @param {Step} step
 * @param {Story["lanes"]} lanes
 * @returns {[number, string][]} lane and sign of each party
 */
function placesOf(step, lanes) {
  const leading = step.refused ? "refused" : { again: "again", "hand-over": "gives", inspect: "looks" }[step.kind] ?? "acts";
  const following = { again: "again", "hand-over": "takes", inspect: "looks" }[step.kind] ?? "joins";
  return step.actors.flatMap((actor, i) => {
    const lane = lanes.findIndex(({ member }) => member === actor);
    return lane < 0 ? [] : [/** @type {[number, string]} */ ([lane, i ? following : leading])];
  });
}

/**
 * @param {Step} step
 * @param {Story["lanes"]} lanes
 * @param {number} x
 * @param {(lane: number) => number} y
 */
function marks(step, lanes, x, y) {
  const places = placesOf(step, lanes);
  if (!places.length) return [shape("line", { class: "clock", x1: x, x2: x, y1: y(0) - 12, y2: y(lanes.length - 1) + 12 })];
  const reach = places.map(([lane]) => y(lane));
  const line = shape("line", { class: "joined", x1: x, x2: x, y1: Math.min(...reach), y2: Math.max(...reach) });
  const sign = ([lane, doing] = places[0]) =>
    shape("text", { class: `sign ${doing}`, x, y: y(lane), dy: "0.36em", "text-anchor": "middle" }, SIGNS[/** @type {keyof SIGNS} */ (doing)]);
  return [line, ...places.map(sign)];
}

/**
 * @param {Story} story
 * @param {Step[]} steps in view
 * @param {number} at where the chapter begins among them
 * @param {number} x
 * @param {number} column
 * @param {number} height
 */
function chapterHead(story, steps, at, x, column, height) {
  const { chapter } = steps[at];
  const count = steps.filter((step) => step.chapter === chapter).length;
  const rem = column / 2.1;
  const title = story.chapters[chapter]?.title ?? "";
  const text = shape("text", { x: x + 0.3 * rem, y: 0.9 * rem }, short(title, (count * column) / rem - 1), shape("title", {}, title));
  return shape("g", { class: "chapter" }, shape("line", { x1: x, x2: x, y1: 0, y2: height }), text);
}

/**
 * @param {string} text
 * @param {number} room in widths of a letter M; Chinese takes one each, Latin about half
 */
function short(text, room) {
  let used = 0;
  const end = [...text].findIndex((letter) => (used += letter.charCodeAt(0) > 0x2e7f ? 0.95 : 0.5) > room);
  return end < 0 ? text : `${[...text].slice(0, Math.max(0, end - 1)).join("")}…`;
}

/** @param {import("./speech.js").Language} language */
function legend(language) {
  const entries = [...Object.entries(SIGNS), ["clock", "┆"]];
  const one = ([name, sign] = entries[0]) => element("span", {}, element("b", { class: `sign ${name}` }, sign), ` ${say(WORDS, language, name)}`);
  return element("p", { class: "legend" }, ...entries.map(one));
}
