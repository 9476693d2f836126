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

/** `look`: number of the step in view, what is known of it in full, role, language, and `go` to another step. */
export function drawLanes(place, story, { number, detail: { thing, ...detail }, role, language, go }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(place.clientWidth - 1.4 * rem, 18 * rem);
  const left = Math.min(15 * rem, width * 0.36);
  const column = Math.max(3.5 * rem, Math.min((width - left) / story.of, 7 * rem));
  const count = Math.max(3, Math.floor((width - left) / column));
  const first = Math.max(0, Math.min(number - Math.ceil(count * 0.55), story.of - count));
  const steps = story.steps.slice(first, first + count);
  const { held } = thing;
  const parties = steps.flatMap(({ actors, moves }) => [...actors, ...moves.flatMap(({ from, to }) => [from, to])]);
  const lanes = story.lanes.filter(({ member }) => [role, held.at(-1)?.lane, ...parties].includes(member));
  const height = (3.8 + 2.4 * lanes.length) * rem;
  const laneAt = (member) => lanes.findIndex((lane) => lane.member === member);
  const x = (i) => left + (i + 0.5) * column;
  const y = (i) => (4.6 + 2.4 * i) * rem;
  const grid = { number, x, y, laneAt, column, rem, left, width, height };
  const holder = laneAt(held.at(-1)?.lane);
  const words = [say(language, "lanes", { first: steps[0].number, last: steps.at(-1).number, of: story.of })];
  if (holder >= 0) words.push(say(language, "is-with", { thing: plain(thing.name), name: lanes[holder].name }));
  const box = { viewBox: `0 0 ${width} ${height}`, width, height };
  const picture = shape("svg", { class: "swimlanes", role: "img", ...box }, shape("title", {}, words.join(". ")));
  lanes.forEach(({ name, member }, i) => {
    const isYou = member === role;
    const said = `${short(name, left / rem - 1)}${isYou ? ` ◀ ${say(language, "you")}` : ""}`;
    const title = shape("title", {}, `${name} (${member})`);
    picture.append(line("lane", left, y(i), width, y(i)), text(isYou ? "name you" : "name", 0, y(i) + 0.3 * rem, said, title));
  });
  const columns = steps.map((step, i) => {
    const isHere = step.number === number;
    const here = `M${x(i)} ${2 * rem}l${-0.4 * rem} ${-0.5 * rem}h${0.8 * rem}Z`;
    if (steps[i - 1]?.chapter !== step.chapter) picture.append(chapterHead(story, steps, i, grid));
    return shape(
      "g",
      { class: `step${step.told ? " told" : ""}${isHere ? " current" : ""}`, click: () => go(step.number) },
      shape("title", {}, `${step.number}. ${step.date} ${step.words}`),
      shape("rect", { class: "column", x: x(i) - column / 2, y: 1.3 * rem, width: column, height: height - 1.4 * rem }),
      text("number", x(i), 2.9 * rem, step.number),
      isHere ? shape("path", { class: "here", d: here }) : null,
      ...(step.told ? marks(step, i, grid) : []),
    );
  });
  const last = steps.findLastIndex((step) => step.told && step.number <= number);
  const placeOf = (one) => x(one ? Math.max(one - steps[0].number, -0.5) : last);
  held.forEach(({ number: begun, lane }, i) => {
    const [begin, end, at] = [placeOf(begun), placeOf(held[i + 1]?.number), y(laneAt(lane))];
    if (laneAt(lane) >= 0 && begin < end) picture.append(line("held", begin, at, end, at));
  });
  picture.append(...columns);
  if (last >= 0 && holder >= 0) picture.append(token(thing.name, x(last), y(holder), grid));
  if (detail.why && detail.number === number) picture.append(because(plain(detail.why), steps[last], x(last), grid));
  place.replaceChildren(picture, legend(language, picture));
}

/** What one step shows: who acts, and what goes from whom to whom; a refused attempt ends in mid-air. */
function marks(step, i, grid) {
  const { x, y, laneAt, rem, height } = grid;
  const acting = step.actors.map(laneAt).filter((lane) => lane >= 0);
  if (!acting.length) return [line("time-passes", x(i), 3.4 * rem, x(i), height - 0.8 * rem)];
  const ways = waysOf(step, grid);
  const sign = (doing, at) => text(`sign ${doing}`, x(i), at, SIGNS[doing]);
  const inAir = ways.filter((way) => way.refused).map((way) => sign("tries", way.end));
  const [acts, looks] = step.refused ? [inAir.length ? "acts" : "tries", "tries"] : ["acts", "looks"];
  const leading = { again: "again", "hand-over": "gives", inspect: looks }[step.kind] ?? acts;
  const following = { again: "again", "hand-over": "takes" }[step.kind] ?? "joins";
  return [
    line("joined", x(i), y(Math.min(...acting)), x(i), y(Math.max(...acting))),
    ...ways.filter((way) => way.begin !== way.end).map((way) => arrow(way, x(i), rem, step.number === grid.number)),
    ...acting.map((lane, place) => sign(place ? following : leading, y(lane))),
    ...inAir,
    label(ways.filter((way) => way.name && !way.refused), x(i), grid),
  ];
}

/** Where what a step moves begins and ends in the picture: a new thing begins where it ends, a refused one ends between lanes. */
function waysOf(step, { y, laneAt }) {
  const seen = step.moves.filter(({ from, to }) => from !== to && laneAt(to) >= 0);
  return seen.map(({ from, to, ...move }) => {
    const end = laneAt(to);
    const begin = laneAt(from) < 0 ? end : laneAt(from);
    return { ...move, begin: y(begin), end: y(move.refused ? Math.floor((begin + end) / 2) + 0.5 : end) };
  });
}

/** At the step in view it leads to the thing itself. */
function arrow({ begin, end, refused }, x, rem, isHere) {
  const way = Math.sign(end - begin) * rem;
  const tip = end - way * (refused ? 0.2 : isHere ? 0.75 : 0.1);
  const head = refused ? "" : `l${-0.4 * rem} ${-0.6 * way}h${0.8 * rem}l${-0.4 * rem} ${0.6 * way}`;
  return shape("path", { class: refused ? "way refused" : "way", d: `M${x} ${begin}V${tip}${head}` });
}

/** The name of the first thing that a step moves, where it arrives, and how many more there are. */
function label(ways, x, { column, rem }) {
  if (!ways.length) return null;
  const [{ name, begin, end }] = ways;
  const more = ways.reduce((sum, { count }) => sum + count, -1);
  const count = more ? ` +${more}` : "";
  const y = end + (end > begin ? 1.15 : -0.75) * rem;
  return text("thing", x, y, tail(plain(name), column / rem / 0.95 - count.length / 2) + count);
}

/** The thing in the lane of who holds it at the step in view. */
function token(name, x, y, { rem, left, width }) {
  const words = tail(plain(name), 12);
  const half = (roomOf(words) * 0.62 + 0.5) * rem;
  const middle = Math.min(Math.max(x, left + half), width - half);
  const box = { x: middle - half, y: y - 0.75 * rem, width: 2 * half, height: 1.5 * rem, rx: 0.4 * rem };
  return shape("g", { class: "token" }, shape("rect", box), text("", middle, y + 0.3 * rem, words));
}

/** Why the step in view was refused, beside where it ended; where no room is, it stands below the picture alone. */
function because(reason, step, x, grid) {
  const { y, laneAt, rem, left, width } = grid;
  const end = waysOf(step, grid).find((way) => way.refused)?.end ?? y(Math.max(0, laneAt(step.actors[0])));
  const [before, after] = [x - left, width - x].map((room) => room / (1.15 * rem) - 1.5);
  const isBefore = before > after && roomOf(reason) > after;
  const room = isBefore ? before : after;
  const words = room < 10 ? "" : short(reason, room);
  return text(isBefore ? "because before" : "because", x + (isBefore ? -rem : rem), end + 0.3 * rem, words);
}

/** Title and line where a chapter begins in the window. */
function chapterHead(story, steps, i, { x, column, rem, height }) {
  const { chapter } = steps[i];
  const title = story.chapters[chapter]?.title ?? "";
  const words = short(title, ((steps.filter((step) => step.chapter === chapter).length * column) / rem - 1) / 1.1);
  const head = text("", x(i - 0.5) + 0.3 * rem, 0.9 * rem, words, shape("title", {}, title));
  return shape("g", { class: "chapter" }, line("", x(i - 0.5), 0, x(i - 0.5), height), head);
}

function line(kind, x1, y1, x2, y2) {
  return shape("line", { class: kind, x1, y1, x2, y2 });
}

function text(kind, x, y, ...words) {
  return shape("text", { class: kind, x, y }, ...words);
}

/** Widths of a letter M that a text takes; Chinese takes one each, Latin about half. */
function roomOf(words) {
  return [...words].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 0.95 : 0.5), 0);
}

/** A text cut to a room. */
function short(words, room) {
  const letters = [...words];
  while (letters.length && roomOf(letters) > room) letters.splice(-2, 2, "…");
  return letters.join("");
}

/** The end of a name that is too long: its beginning is that of its neighbours, too. */
function tail(name, room) {
  return [...short([...name].reverse().join(""), room)].reverse().join("");
}

/** Of the signs that are in the picture. */
function legend(language, picture) {
  const seen = Object.entries(SIGNS).filter(([name]) => picture.querySelector(`.${name}`));
  const one = ([name, mark]) => element("span", {}, element("b", { class: `sign ${name}` }, mark), ` ${say(language, name)}`);
  return element("p", { class: "legend" }, ...seen.map(one));
}
