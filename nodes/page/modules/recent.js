/**
 * The newest records of a lab's log, by cursor. Bounded: the oldest are dropped, and counted.
 */

/** @typedef {import("./log.js").LogRecord} LogRecord */

const RECORDS_MAX = 3000;
/** Records of one answer. */
const PAGE = 2000;

export class Recent {
  /** @param {import("./source.js").Source} source */
  constructor(source) {
    this.source = source;
    this.isAsking = false;
    this.begin(-1);
  }

  /** @param {number} generation of the ledger: another one is another history */
  begin(generation) {
    this.generation = generation;
    this.next = 0;
    this.dropped = 0;
    /** @type {LogRecord[]} */
    this.records = [];
  }

  /**
   * Asks for what came since.
   * @param {import("./reach.js").Network} network
   * @returns {Promise<boolean>} whether there is something new
   */
  async poll(network) {
    if (this.isAsking) return false;
    this.isAsking = true;
    try {
      const known = `${this.generation} ${this.dropped + this.records.length}`;
      if (network.generation !== this.generation) this.begin(network.generation);
      for (let count = PAGE; count === PAGE; ) count = await this.#page();
      this.#noticeEnds(network);
      const surplus = Math.max(0, this.records.length - RECORDS_MAX);
      this.records = this.records.slice(surplus);
      this.dropped += surplus;
      return known !== `${this.generation} ${this.dropped + this.records.length}`;
    } finally {
      this.isAsking = false;
    }
  }

  /** @returns {Promise<number>} how many came */
  async #page() {
    const answer = await this.source.get(`/log?after=${this.next}&limit=${PAGE}`);
    this.next = answer.next;
    this.records = [...this.records, ...answer.records].slice(-2 * RECORDS_MAX);
    return answer.records.length;
  }

  /**
   * A node that was killed could not write it into its log: the page does, where it notices.
   * @param {import("./reach.js").Network} network
   */
  #noticeEnds({ nodes }) {
    const last = this.records[this.records.length - 1];
    for (const node of last ? nodes.filter(({ running }) => !running) : []) {
      const own = this.records.filter((record) => record.node === node.member);
      if (own.length && own[own.length - 1].kind !== "crash") this.records.push({ time: last.time, node: node.member, kind: "crash" });
    }
  }
}

/**
 * @param {import("./source.js").Source} source
 * @param {{ from: number, to: number }} range by index, ends included
 * @returns {Promise<LogRecord[]>} those of the range, the first of them if they are too many
 */
export async function recordsBetween(source, { from, to }) {
  /** @type {LogRecord[]} */
  const found = [];
  for (let next = from - 1; next < to && found.length < RECORDS_MAX; ) {
    const answer = await source.get(`/log?after=${next}&limit=${Math.min(PAGE, to - next)}`);
    if (!answer.records.length) break;
    found.push(...answer.records);
    next = answer.next;
  }
  return found;
}
