/**
 * The story as swimlanes: a lane a party, a column a step, and the thing that moves from lane to lane. Of a long story the
 * columns around the step in view are drawn, and the lanes of those who take part in them.
 */

import { element, shape } from "./elements.js";
import { sayer } from "./speech.js";
import { plain } from "./values.js";

const say = sayer("page", "swimlanes");
/** Signs of what a party does in a step; words beside them are in the legend and in the table. */
const SIGNS = {
  acts: "●", joins: "○", tries: "✗", again: "↻", gives: "◆", takes: "◇", looks: "◎", "time-passes": "┆", held: "━",
};

/** `look`: number of the step in view, why it was refused, role, language, and `go` to another step. */
export function drawLanes(place, story, { number, reason, role, language, go }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(place.clientWidth - 1.4 * rem, 18 * rem);
  const left = Math.min(15 * rem, width * 0.36);
  const column = Math.max(3.5 * rem, Math.min((width - left) / story.of, 7 * rem));
  const steps = inWindow(story.steps, number, Math.max(3, Math.floor((width - left) / column)));
  const { thing, held } = pathOf(story.steps, number);
  const parties = steps.flatMap(({ actors, moves }) => [...actors, ...moves.flatMap(({ from, to }) => [from, to])]);
  const lanes = story.lanes.filter(({ member }) => [role, held.at(-1)?.lane, ...parties].includes(member));
  const height = (3.8 + 2.4 * lanes.length) * rem;
  const laneAt = (member) => lanes.findIndex((lane) => lane.member === member);
  const x = (i) => left + (i + 0.5) * column;
  const y = (i) => (4.6 + 2.4 * i) * rem;
  const grid = { x, y, laneAt, column, rem, left, width, height };
  const holder = laneAt(held.at(-1)?.lane);
  const words = [say(language, "lanes", { first: steps[0].number, last: steps.at(-1).number, of: story.of })];
  if (holder >= 0) words.push(say(language, "is-with", { thing: plain(thing.name), name: lanes[holder].name }));
  const box = { viewBox: `0 0 ${width} ${height}`, width, height };
  const picture = shape("svg", { class: "swimlanes", role: "img", ...box }, shape("title", {}, words.join(". ")));
  lanes.forEach((lane, i) => {
    const isYou = lane.member === role;
    const text = `${short(lane.name, left / rem - 1)}${isYou ? ` ◀ ${say(language, "you")}` : ""}`;
    const title = shape("title", {}, `${lane.name} (${lane.member})`);
    picture.append(
      shape("line", { class: "lane", x1: left, x2: width, y1: y(i), y2: y(i) }),
      shape("text", { class: isYou ? "name you" : "name", x: 0, y: y(i) + 0.3 * rem }, text, title),
    );
  });
  const last = steps.findLastIndex((step) => step.told && step.number <= number);
  const isTold = steps[last]?.number === number;
  const columns = steps.map((step, i) => {
    const isHere = step.number === number;
    const here = `M${x(i)} ${2 * rem}l${-0.4 * rem} ${-0.5 * rem}h${0.8 * rem}Z`;
    if (steps[i - 1]?.chapter !== step.chapter) picture.append(chapterHead(story, steps, i, grid));
    return shape(
      "g",
      { class: `step${step.told ? " told" : ""}${isHere ? " current" : ""}`, click: () => go(step.number) },
      shape("title", {}, `${step.number}. ${step.date} ${step.words}`),
      shape("rect", { class: "column", x: x(i) - column / 2, y: 1.3 * rem, width: column, height: height - 1.4 * rem }),
      shape("text", { class: "number", x: x(i), y: 2.9 * rem, "text-anchor": "middle" }, step.number),
      isHere ? shape("path", { class: "here", d: here }) : null,
      ...(step.told ? marks(step, i, grid) : []),
    );
  });
  const stretches = held.map(({ number: begun, lane }, i) => {
    const [x1, x2] = [begun, held[i + 1]?.number].map((one) => x(one ? Math.max(one - steps[0].number, -0.5) : last));
    const at = y(laneAt(lane));
    return laneAt(lane) >= 0 && x2 > x1 ? shape("line", { class: "held", x1, x2, y1: at, y2: at }) : null;
  });
  picture.append(...stretches.filter(Boolean), ...columns);
  if (last >= 0 && holder >= 0) picture.append(token(thing.name, x(last), y(holder), grid));
  if (reason && isTold) picture.append(because(reason, steps[last], last, grid));
  place.replaceChildren(picture, legend(language, picture));
}

/** So many steps around that one. */
function inWindow(steps, number, count) {
  const first = Math.max(0, Math.min(number - Math.ceil(count * 0.7), steps.length - count));
  return steps.slice(first, first + count);
}

/** The thing that the step in view is about, else the last one before, and since which step which lane held it. */
function pathOf(steps, number) {
  const told = steps.slice(0, number).filter((step) => step.told);
  const moves = told.findLast((step) => step.moves.some((move) => move.thing))?.moves.filter((move) => move.thing) ?? [];
  const thing = moves.find((move) => move.from !== move.to) ?? moves[0];
  const held = told.flatMap((step) => {
    const move = step.moves.findLast((one) => one.thing === thing?.thing && !one.refused);
    // Whether it moved among those left out is not known: from there on nobody is said to hold it.
    return move || step.moves_left_out ? [{ number: step.number, lane: move?.to }] : [];
  });
  return { thing, held };
}

/** What one step shows: who acts, and what goes from whom to whom; a refused attempt ends in mid-air. */
function marks(step, i, grid) {
  const { x, y, laneAt, rem, height } = grid;
  const acting = step.actors.map(laneAt).filter((lane) => lane >= 0);
  const heights = acting.length ? acting.map(y) : [3.4 * rem, height - 0.8 * rem];
  const line = { x1: x(i), x2: x(i), y1: Math.min(...heights), y2: Math.max(...heights) };
  if (!acting.length) return [shape("line", { class: "time-passes", ...line })];
  const ways = waysOf(step, grid);
  const inAir = ways.filter((way) => way.refused).map((way) => sign("tries", x(i), way.end));
  const alone = step.refused && !inAir.length ? "tries" : "acts";
  const leading = { again: "again", "hand-over": "gives", inspect: step.refused ? "tries" : "looks" }[step.kind] ?? alone;
  const following = { again: "again", "hand-over": "takes", inspect: "looks" }[step.kind] ?? "joins";
  return [
    shape("line", { class: "joined", ...line }),
    ...ways.filter((way) => way.begin !== way.end).map((way) => arrow(way, x(i), grid)),
    ...acting.map((lane, place) => sign(place ? following : leading, x(i), y(lane))),
    ...inAir,
    label(ways.filter((way) => way.name && !way.refused), x(i), grid),
  ];
}

/** Where what a step moves begins and ends in the picture: a new thing begins where it ends, a refused one ends between lanes. */
function waysOf(step, { y, laneAt }) {
  const seen = step.moves.filter(({ from, to }) => from !== to && laneAt(to) >= 0);
  return seen.map(({ name, from, to, refused }) => {
    const end = laneAt(to);
    const begin = laneAt(from) < 0 ? end : laneAt(from);
    const middle = Math.floor((begin + end) / 2) + 0.5;
    return { name, refused, begin: y(begin), end: y(refused ? middle : end) };
  });
}

function arrow({ begin, end, refused }, x, { rem }) {
  const way = Math.sign(end - begin) * rem;
  const head = refused ? "" : `M${x} ${end - 0.1 * way}l${-0.4 * rem} ${-0.6 * way}h${0.8 * rem}Z`;
  return shape("path", { class: refused ? "way refused" : "way", d: `M${x} ${begin}V${end - 0.4 * way}${head}` });
}

/** The name of the first thing that a step moves, where it arrives, and how many more there are. */
function label([first, ...more], x, { column, rem }) {
  if (!first) return null;
  const count = more.length ? ` +${more.length}` : "";
  const words = tail(plain(first.name), column / rem / 0.95 - count.length / 2) + count;
  const y = first.end + (first.end > first.begin ? 1.15 : -0.75) * rem;
  return shape("text", { class: "thing", x, y, "text-anchor": "middle" }, words);
}

function sign(doing, x, y) {
  return shape("text", { class: `sign ${doing}`, x, y, dy: "0.36em", "text-anchor": "middle" }, SIGNS[doing]);
}

/** The thing in the lane of who holds it at the step in view. */
function token(name, x, y, { rem, left, width }) {
  const words = tail(plain(name), 12);
  const half = (roomOf(words) * 0.62 + 0.5) * rem;
  const middle = Math.min(Math.max(x, left + half), width - half);
  const box = { x: middle - half, y: y - 0.75 * rem, width: 2 * half, height: 1.5 * rem, rx: 0.4 * rem };
  const text = shape("text", { x: middle, y: y + 0.3 * rem, "text-anchor": "middle" }, words);
  return shape("g", { class: "token" }, shape("title", {}, plain(name)), shape("rect", box), text);
}

/** Why the step in view was refused, beside where it ended. */
function because(reason, step, i, grid) {
  const { x, y, laneAt, rem, left, width } = grid;
  const end = waysOf(step, grid).find((way) => way.refused)?.end ?? y(Math.max(0, laneAt(step.actors[0])));
  const [before, after] = [x(i) - left, width - x(i)];
  const at = { x: x(i) + (after < before ? -1 : 1) * rem, "text-anchor": after < before ? "end" : "start" };
  const room = Math.max(before, after) / rem - 1.5;
  // Where there is no room for it the reason stands below the picture alone.
  const words = room < 12 ? "" : short(reason, room);
  return shape("text", { class: "because", y: end + 0.3 * rem, ...at }, words);
}

/** Title and line where a chapter begins in the window. */
function chapterHead(story, steps, i, { x, column, rem, height }) {
  const { chapter } = steps[i];
  const [left, title] = [x(i - 0.5), story.chapters[chapter]?.title ?? ""];
  const words = short(title, ((steps.filter((step) => step.chapter === chapter).length * column) / rem - 1) / 1.05);
  const text = shape("text", { x: left + 0.3 * rem, y: 0.9 * rem }, words, shape("title", {}, title));
  return shape("g", { class: "chapter" }, shape("line", { x1: left, x2: left, y1: 0, y2: height }), text);
}

/** Widths of a letter M that a text takes; Chinese takes one each, Latin about half. */
function roomOf(text) {
  return [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 0.95 : 0.5), 0);
}

/** A text cut to a room. */
function short(text, room) {
  const letters = [...text];
  while (letters.length && roomOf(letters.join("")) > room) letters.splice(-2, 2, "…");
  return letters.join("");
}

/** The end of a name that is too long: its beginning is that of its neighbours, too. */
function tail(text, room) {
  return [...short([...text].reverse().join(""), room)].reverse().join("");
}

/** Of the signs that are in the picture. */
function legend(language, picture) {
  const seen = Object.entries(SIGNS).filter(([name]) => picture.querySelector(`.${name}`));
  const one = ([name, mark]) => element("span", {}, element("b", { class: `sign ${name}` }, mark), ` ${say(language, name)}`);
  return element("p", { class: "legend" }, ...seen.map(one));
}
