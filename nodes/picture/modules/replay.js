/**
 * What holds after a record: a fold over the log, with copies kept on the way so that a step back costs little.
 */

const EVERY = 1000;

export class Replay {
  /** Records of `traitors` do not count. `begin` is the state before the first record. */
  constructor(log, traitors, begin = fresh(log.nodes)) {
    this.log = log;
    this.traitors = new Set(traitors);
    /** Properties of safety that do not hold, in order of their records: `index`, `code` and `values` of the sentence. */
    this.breaches = [];
    /** Copies of the state, before each `EVERY`th record. */
    this.kept = [];
    this.state = begin;
    this.index = -1;
    while (this.index < log.records.length - 1) this.#forward(true);
  }

  /** The state after that record; good until the next call. */
  at(index) {
    if (index < this.index) {
      const kept = Math.floor(index / EVERY);
      this.state = structuredClone(this.kept[kept]);
      this.index = kept * EVERY - 1;
    }
    while (this.index < index) this.#forward(false);
    return this.state;
  }

  /** The first breach up to that record. */
  breachAt(index) {
    return this.breaches.length && this.breaches[0].index <= index ? this.breaches[0] : null;
  }

  #forward(isFirstTime) {
    this.index += 1;
    if (isFirstTime && this.index % EVERY === 0) this.kept.push(structuredClone(this.state));
    const record = this.log.records[this.index];
    moveNode(this.state, record);
    if (this.traitors.has(record.node ?? "")) return;
    const breach = judge(this.state, record);
    if (breach && isFirstTime) this.breaches.push({ index: this.index, ...breach });
    if (this.state.openSince === null && this.log.heightAt[this.index] > this.state.top) {
      this.state.openSince = this.log.time(this.index);
    }
  }
}

/** The state before a whole log. */
function fresh(nodes) {
  const down = { isUp: false, decided: 0, height: 0, view: 1 };
  return {
    nodes: new Map(nodes.map((name) => [name, { ...down }])),
    decided: new Map(), // by height: by block the first honest node that decided it
    views: new Map(), // by `height/view`: what certificates there are
    top: 0, // the highest decided height
    openSince: null, // when the first word about the height above it was recorded
    view: 1, // the highest view of that height
    timeouts: 0, // timers that fired at that height
  };
}

/** Before a log that begins amid a run: who speaks was up, who starts was not. What was decided earlier is not known. */
export function stateAmid(log) {
  const state = fresh(log.nodes);
  for (const [name, node] of state.nodes) {
    const own = log.records.filter((record) => record.node === name);
    node.isUp = own.length > 0 && own[0].kind !== "start";
    const first = own.find((record) => Number.isInteger(record.height) && Number.isInteger(record.view));
    if (node.isUp && first) Object.assign(node, { decided: first.height - 1, height: first.height, view: first.view });
    state.top = Math.max(state.top, node.decided);
  }
  return state;
}

function moveNode(state, record) {
  const node = state.nodes.get(record.node ?? "");
  if (!node) return;
  node.isUp = record.kind !== "crash" && record.kind !== "stop" && (node.isUp || record.kind !== "dropped");
  if (record.kind === "start" || record.kind === "decided") node.decided = record.height;
  if (record.kind === "start" || record.kind === "decided") [node.height, node.view] = [record.height + 1, 1];
  if (record.kind === "view") [node.height, node.view] = [record.height, record.view];
}

/** What the record of an honest node breaks. */
function judge(state, record) {
  const { kind, height, view } = record;
  if (kind === "decided") return decide(state, record);
  if (kind === "start" && height > state.top) raise(state, height);
  if (kind === "view" && height === state.top + 1) state.view = Math.max(state.view, view);
  if (kind === "timeout" && height === state.top + 1) state.timeouts += 1;
  if (kind === "diverged") return { code: "breach-diverged", values: record };
  if (kind === "failure") return { code: "breach-failure", values: record };
  return kind.startsWith("certificate-") ? certify(state, record) : null;
}

function decide(state, record) {
  const { height, block, node } = record;
  const blocks = state.decided.get(height) ?? new Map();
  state.decided.set(height, blocks);
  if (height > state.top) raise(state, height);
  if (blocks.has(block)) return null;
  blocks.set(block, node);
  if (blocks.size === 1) return null;
  const [[one, first]] = blocks;
  const values = { height, first, one: one.slice(0, 6), second: node, two: block.slice(0, 6) };
  return { code: "breach-two-blocks", values };
}

function certify(state, record) {
  const place = `${record.height}/${record.view}`;
  const known = state.views.get(place) ?? { notar: "", isSkipped: false, isCommitted: false };
  state.views.set(place, known);
  const isBroken = known.isSkipped && known.isCommitted;
  if (record.kind === "certificate-skip") known.isSkipped = true;
  if (record.kind === "certificate-commit") known.isCommitted = true;
  if (record.kind === "certificate-notar") {
    if (known.notar && known.notar !== record.block) return { code: "breach-two-notarized", values: record };
    known.notar = record.block;
  }
  const breaks = known.isSkipped && known.isCommitted && !isBroken;
  return breaks ? { code: "breach-skip-and-commit", values: record } : null;
}

/** A height is now decided somewhere. */
function raise(state, height) {
  Object.assign(state, { top: height, openSince: null, view: 1, timeouts: 0 });
}
