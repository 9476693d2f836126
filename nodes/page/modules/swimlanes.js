/**
 * The story as swimlanes: a lane a party, a column a step. Of a long story the columns around the step in view are drawn,
 * and the lanes of those who take part in them.
 */

import { element, shape } from "./elements.js";
import { sayer } from "./speech.js";

const say = sayer("page", "swimlanes");
/** Signs of what a party does in a step; words beside them are in the legend and in the table. */
const SIGNS = { acts: "●", joins: "○", tries: "✗", again: "↻", gives: "◆", takes: "◇", looks: "◎", "time-passes": "┆" };

/** `look`: number of the step in view, role, language, and `go` to another step. */
export function drawLanes(place, story, { number, role, language, go }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(place.clientWidth, 24 * rem);
  const [left, column, row, top] = [Math.min(15 * rem, width * 0.36), 2.1 * rem, 1.75 * rem, 3.4 * rem];
  const steps = inWindow(story.steps, number, Math.max(3, Math.floor((width - left) / column)));
  const lanes = story.lanes.filter((lane) => lane.member === role || steps.some((step) => placesOf(step, [lane]).length));
  const height = top + lanes.length * row + 0.4 * rem;
  const x = (i) => left + (i + 0.5) * column;
  const y = (i) => top + (i + 0.5) * row;
  const words = say(language, "lanes", { first: steps[0]?.number ?? 0, last: steps.at(-1)?.number ?? 0, of: story.of });
  const box = { viewBox: `0 0 ${width} ${height}`, width, height };
  const picture = shape("svg", { class: "swimlanes", role: "img", ...box }, shape("title", {}, words));
  lanes.forEach((lane, i) => {
    const isYou = lane.member === role;
    const text = `${short(lane.name, left / rem)}${isYou ? ` ◀ ${say(language, "you")}` : ""}`;
    const title = shape("title", {}, `${lane.name} (${lane.member})`);
    picture.append(
      shape("line", { class: "lane", x1: left, x2: width, y1: y(i), y2: y(i) }),
      shape("text", { class: isYou ? "name you" : "name", x: 0, y: y(i) + 0.3 * rem }, text, title),
    );
  });
  steps.forEach((step, i) => {
    const isHere = step.number === number;
    const here = `M${x(i)} ${2 * rem}l${-0.4 * rem} ${-0.5 * rem}h${0.8 * rem}Z`;
    const group = shape(
      "g",
      { class: `step${step.told ? " told" : ""}${isHere ? " current" : ""}`, click: () => go(step.number) },
      shape("title", {}, `${step.number}. ${step.date} ${step.words}`),
      shape("rect", { class: "column", x: x(i) - column / 2, y: 1.3 * rem, width: column, height: height - 1.4 * rem }),
      shape("text", { class: "number", x: x(i), y: 2.9 * rem, "text-anchor": "middle" }, step.number),
      isHere ? shape("path", { class: "here", d: here }) : null,
      ...(step.told ? marks(step, lanes, x(i), y) : []),
    );
    const isFirst = steps[i - 1]?.chapter !== step.chapter;
    if (isFirst) picture.append(chapterHead(story, steps, step.chapter, x(i) - column / 2, column, height));
    picture.append(group);
  });
  place.replaceChildren(picture, legend(language));
}

/** So many steps around that one. */
function inWindow(steps, number, count) {
  const first = Math.max(0, Math.min(number - Math.ceil(count * 0.7), steps.length - count));
  return steps.slice(first, first + count);
}

/** Lane and sign of each party. */
function placesOf(step, lanes) {
  const leading = step.refused ? "tries" : { again: "again", "hand-over": "gives", inspect: "looks" }[step.kind] ?? "acts";
  const following = { again: "again", "hand-over": "takes", inspect: "looks" }[step.kind] ?? "joins";
  const places = step.actors.map((actor, i) => [lanes.findIndex(({ member }) => member === actor), i ? following : leading]);
  return places.filter(([lane]) => lane >= 0);
}

function marks(step, lanes, x, y) {
  const places = placesOf(step, lanes);
  if (!places.length) return [shape("line", { class: "clock", x1: x, x2: x, y1: y(0) - 12, y2: y(lanes.length - 1) + 12 })];
  const reach = places.map(([lane]) => y(lane));
  const line = shape("line", { class: "joined", x1: x, x2: x, y1: Math.min(...reach), y2: Math.max(...reach) });
  const sign = ([lane, doing]) =>
    shape("text", { class: `sign ${doing}`, x, y: y(lane), dy: "0.36em", "text-anchor": "middle" }, SIGNS[doing]);
  return [line, ...places.map(sign)];
}

/** Title and line where a chapter begins in the window. */
function chapterHead(story, steps, chapter, x, column, height) {
  const count = steps.filter((step) => step.chapter === chapter).length;
  const rem = column / 2.1;
  const title = story.chapters[chapter]?.title ?? "";
  const words = short(title, (count * column) / rem - 1);
  const text = shape("text", { x: x + 0.3 * rem, y: 0.9 * rem }, words, shape("title", {}, title));
  return shape("g", { class: "chapter" }, shape("line", { x1: x, x2: x, y1: 0, y2: height }), text);
}

/** A text cut to a room in widths of a letter M; Chinese takes one each, Latin about half. */
function short(text, room) {
  let used = 0;
  const end = [...text].findIndex((letter) => (used += letter.charCodeAt(0) > 0x2e7f ? 0.95 : 0.5) > room);
  return end < 0 ? text : `${[...text].slice(0, Math.max(0, end - 1)).join("")}…`;
}

function legend(language) {
  const one = ([name, sign]) => {
    return element("span", {}, element("b", { class: `sign ${name}` }, sign), ` ${say(language, name)}`);
  };
  return element("p", { class: "legend" }, ...Object.entries(SIGNS).map(one));
}
