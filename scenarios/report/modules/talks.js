/**
 * What the nodes said about a block, as the diagram of the picture of a log. It is drawn while the block is open.
 */

import { drawDiagram } from "./diagram.js";
import { byId } from "./elements.js";
import { Log } from "./log.js";
import { Replay, stateAmid } from "./replay.js";

/** Width of the window over that of the records: the cursor stands at the last of them. */
const ROOM = 1.2;

const { nodes, names, blocks } = JSON.parse(byId("talks").textContent);
const language = document.documentElement.lang === "en" ? "en" : "zh";

for (const place of document.querySelectorAll("[data-talk]")) {
  const log = () => new Log(recordsOf(Number(place.dataset.talk)));
  let known = null;
  new ResizeObserver(() => {
    if (place.clientWidth) draw(place, (known ??= log()));
    else place.replaceChildren();
  }).observe(place);
}

function draw(place, log) {
  log.nodes = nodes;
  const view = { index: log.records.length - 1, at: log.extent, span: log.extent * ROOM, hidden: new Set(["other"]), language, names };
  drawDiagram(place, log, new Replay(log, [], stateAmid(log)), view);
}

/** The records of the log, in order of time: nodes are named by their number, labels by that of the batch they came in. */
function recordsOf(height) {
  const { labels, sent, events } = blocks[height];
  const records = events.map(([time, node, kind, view, block]) => ({ time, node: nodes[node], kind, height, view, block }));
  for (const [batch, [time, from, to, said, came]] of sent.entries()) {
    records.push({ time, node: nodes[from], kind: "sent", to: nodes[to], batch, messages: labels[said] });
    if (came !== null) records.push({ time: came, node: nodes[to], kind: "received", from: nodes[from], batch });
  }
  records.sort((one, other) => one.time - other.time);
  return [...records, { ...records.at(-1), kind: "commit" }]; // the cursor stands at no message
}
