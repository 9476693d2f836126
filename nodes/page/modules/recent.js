/**
 * The newest records of a lab's log, by cursor. Bounded: the oldest are dropped, and counted.
 */

const RECORDS_MAX = 3000;
/** Records of one answer. */
const PAGE = 2000;

export class Recent {
  constructor(source) {
    this.source = source;
    this.isAsking = false;
    this.begin(-1);
  }

  /** Another generation of the ledger is another history. */
  begin(generation) {
    this.generation = generation;
    this.next = -RECORDS_MAX;
    this.dropped = 0;
    this.records = [];
    /** Nodes that do not run; true once their end is among the records. */
    this.ended = new Map();
  }

  /** Asks for what came since; whether there is something new. */
  async poll(network) {
    if (this.isAsking) return false;
    this.isAsking = true;
    try {
      const known = this.#extent;
      if (network.generation !== this.generation) this.begin(network.generation);
      for (let count = PAGE; count === PAGE; ) count = await this.#page();
      this.#noticeEnds(network);
      this.records = this.records.slice(-RECORDS_MAX);
      this.dropped = (this.records.find(({ index }) => index)?.index ?? 1) - 1;
      return known !== this.#extent;
    } finally {
      this.isAsking = false;
    }
  }

  get #extent() {
    return `${this.generation} ${this.next} ${this.records.length} ${this.records.at(-1)?.kind}`;
  }

  /** Asks for a page; how many came. */
  async #page() {
    const answer = await this.source.get(`/log?after=${this.next}&limit=${PAGE}`);
    if (answer.next === this.next) return 0;
    this.next = answer.next;
    for (const { node } of answer.records) this.ended.delete(node);
    this.records.push(...answer.records);
    this.records = this.records.slice(-2 * RECORDS_MAX);
    return answer.records.length;
  }

  /** A node that is killed cannot write so into its log: the page does, at the second look, when all of its log has come. */
  #noticeEnds({ nodes }) {
    const last = this.records.at(-1);
    for (const { member, running } of last ? nodes : []) {
      if (running) continue;
      if (this.ended.get(member) === false) this.records.push({ time: last.time, node: member, kind: "crash" });
      this.ended.set(member, this.ended.has(member));
    }
  }
}

/** Records by index, ends included; the first of them if they are too many. */
export async function recordsBetween(source, { from, to }) {
  const found = [];
  for (let next = from - 1; next < to && found.length < RECORDS_MAX; ) {
    const answer = await source.get(`/log?after=${next}&limit=${Math.min(PAGE, to - next)}`);
    if (!answer.records.length) break;
    found.push(...answer.records.filter(({ index }) => index >= from && index <= to));
    next = answer.next;
  }
  return found;
}
