/**
 * The ledger: blocks as they come, records by contract and collection, a search, and beside them one thing in full.
 */

import { blockDetail, itemLink, recordDetail, transactionDetail } from "./details.js";
import { element } from "./elements.js";
import { Problem } from "./source.js";
import { instant, speaker } from "./speech.js";
import { fields, plain, table } from "./values.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  search: ["Height, id, member, key, or any text", "高度、标识、成员、键或任意文字"],
  find: ["Find", "查找"],
  blocks: ["Blocks, newest first", "区块，新的在前"],
  block: ["block", "区块"],
  time: ["time", "时间"],
  calls: ["transactions", "交易"],
  genesis: ["Genesis", "创世"],
  older: ["Older", "更早"],
  more: ["More", "更多"],
  state: ["State", "状态"],
  collection: ["Collection", "集合"],
  filter: ["Condition, such as {example}", "条件，如 {example}"],
  apply: ["Apply", "应用"],
  key: ["key", "键"],
  record: ["record", "记录"],
  found: ["Found for {text}", "查找 {text} 的结果"],
  nothing: ["Nothing found. Older blocks that are not loaded yet are not searched.", "没有找到。尚未载入的更早区块不在查找范围内。"],
  where: ["where", "何处"],
  what: ["what", "何物"],
  choose: ["Choose a block, a transaction or a record.", "请选择区块、交易或记录。"],
};
const PAGE = 20;
const CALLS_MAX = 500;

export class LedgerView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.say = speaker(page, WORDS);
    this.turn = 0;
    this.generation = -1;
    this.#forget();
    this.search = element("form", { role: "search", class: "row", submit: (event) => this.#search(event) });
    this.blockPlace = element("section");
    this.statePlace = element("section");
    this.detail = element("section", { class: "detail" });
    const lists = element("div", {}, this.blockPlace, this.statePlace);
    this.root = element("section", { class: "ledger" }, this.search, element("div", { class: "columns" }, lists, this.detail));
  }

  async show() {
    const turn = ++this.turn;
    this.#drawSearch();
    await this.#load();
    this.#drawBlocks();
    await this.#drawState();
    const parts = await this.#item().catch((error) => {
      if (!(error instanceof Problem)) throw error;
      return [element("p", { class: "outcome rejected" }, error.message)];
    });
    if (turn === this.turn) this.detail.replaceChildren(...parts);
  }

  hide() {}

  /** @param {any} network */
  update(network) {
    const heights = network.nodes.map((/** @type {any} */ node) => node.height ?? (node.consensus?.height ?? 1) - 1);
    if (Math.max(...heights) > this.height && !this.isLoading) this.#follow().catch((error) => this.page.fail(error));
  }

  async #follow() {
    await this.#load();
    this.#drawBlocks();
    if (!this.statePlace.contains(document.activeElement)) await this.#drawState();
  }

  #forget() {
    this.height = -1;
    /** @type {Map<number, any>} headers by height */
    this.blocks = new Map();
    /** @type {Map<number, any[]>} rows of transactions by height */
    this.calls = new Map();
    /** @type {any[]} records of the collection in view */
    this.records = [];
    /** @type {string[]} of all contracts, as `CONTRACT/COLLECTION` */
    this.collections = [];
  }

  /** Headers and transactions above those that are known; the newest page of them the first time. */
  async #load() {
    this.isLoading = true;
    try {
      if (this.generation !== this.page.network.generation) this.#forget();
      this.generation = this.page.network.generation;
      const { height } = await this.page.source.get("/v1/node");
      const above = Math.max(this.height, height - PAGE, 0);
      for (let from = above; from < height; from += PAGE) await this.#read(from);
      this.height = height;
    } finally {
      this.isLoading = false;
    }
  }

  /** @param {number} after height below those that are read, a page of them */
  async #read(after) {
    const [{ blocks }, { transactions }] = await Promise.all([
      this.page.source.get(`/v1/blocks?after=${after}&limit=${PAGE}`),
      this.page.source.get(`/v1/transactions?after_height=${after}&before_height=${after + PAGE + 1}&limit=${CALLS_MAX}`),
    ]);
    for (const block of blocks) {
      this.blocks.set(block.height, block);
      this.calls.set(block.height, transactions.filter((/** @type {any} */ row) => row.height === block.height));
    }
  }

  #drawSearch() {
    if (this.search.contains(document.activeElement)) return;
    const text = this.query?.value ?? "";
    this.query = element("input", { type: "search", name: "query", value: text, placeholder: this.say("search"), "aria-label": this.say("search") });
    this.search.replaceChildren(this.query, element("button", {}, this.say("find")));
  }

  #drawBlocks() {
    const heights = [...this.blocks.keys()].sort((a, b) => b - a);
    const rows = heights.map((height) => {
      const calls = (this.calls.get(height) ?? []).flatMap((row) => [this.#callLink(row), " "]);
      return [itemLink(this.page, `block/${height}`, String(height)), instant(this.blocks.get(height).time), element("span", {}, ...calls)];
    });
    const last = heights.at(-1) ?? 1;
    const older = async () => {
      await this.#read(Math.max(0, last - 1 - PAGE));
      this.#drawBlocks();
    };
    const parts = [element("h2", {}, this.say("blocks")), table([this.say("block"), this.say("time"), this.say("calls")], rows, this.say("blocks"))];
    const end = last > 1 ? element("button", { type: "button", click: older }, this.say("older")) : itemLink(this.page, "block/0", this.say("genesis"));
    this.blockPlace.replaceChildren(...parts, element("p", {}, end));
  }

  /** @param {any} row */
  #callLink(row) {
    const link = itemLink(this.page, `transaction/${row.transaction}`, `${row.outcome === "committed" ? "✓" : "✗"} ${row.contract}.${row.operation}`);
    link.className = row.outcome;
    return link;
  }

  async #drawState() {
    const { contracts } = await this.page.source.get("/v1/contracts");
    const names = (this.collections = contracts.flatMap((/** @type {any} */ one) => one.collections.map((/** @type {any} */ each) => `${one.name}/${each.name}`)));
    const chosen = names.includes(this.page.address.collection) ? this.page.address.collection : names[0];
    const options = names.map((/** @type {string} */ name) => element("option", { value: name, selected: name === chosen }, name));
    const select = element("select", { "aria-label": this.say("collection"), change: () => this.page.go({ collection: select.value, filter: "" }) }, ...options);
    const label = this.say("filter", { example: "amount_cents.ge=100" });
    const filter = element("input", { name: "filter", value: this.page.address.filter ?? "", placeholder: label, "aria-label": label });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      filter.blur();
      this.page.go({ filter: filter.value });
    };
    const conditions = this.page.source.isLive ? [filter, element("button", {}, this.say("apply"))] : []; // a node filters
    const form = element("form", { class: "row", submit }, select, ...conditions);
    const list = element("div");
    this.statePlace.replaceChildren(element("h2", {}, this.say("state")), form, list);
    this.records = [];
    if (chosen) await this.#drawRecords(list, chosen, null);
  }

  /**
   * @param {HTMLElement} place
   * @param {string} collection
   * @param {string | null} after
   */
  async #drawRecords(place, collection, after) {
    const conditions = `${this.page.address.filter ?? ""}${after === null ? "" : `&after=${encodeURIComponent(after)}`}`;
    const { items, next } = await this.page.source.get(`/v1/state/${collection}?limit=${PAGE}&${conditions}`);
    this.records.push(...items.map((/** @type {any} */ item) => ({ ...item, collection })));
    const rows = this.records.map(({ key, value }) => [itemLink(this.page, `record/${collection}/${key}`, key), fields(value)]);
    const more = next !== null && element("button", { type: "button", click: () => this.#drawRecords(place, collection, next) }, this.say("more"));
    place.replaceChildren(table([this.say("key"), this.say("record")], rows, this.say("state")), ...(more ? [more] : []));
  }

  /** @returns {Promise<Node[]>} what the address names */
  async #item() {
    const [kind, ...rest] = String(this.page.address.item ?? "").split("/");
    if (kind === "block") return blockDetail(this.page, rest[0]);
    if (kind === "transaction") return transactionDetail(this.page, rest[0]);
    if (kind === "record") return recordDetail(this.page, rest[0], rest[1], rest.slice(2).join("/"));
    if (kind === "find") return this.#found(rest.join("/"));
    return [element("p", { class: "quiet" }, this.say("choose"))];
  }

  /** @param {Event} event */
  async #search(event) {
    event.preventDefault();
    const text = this.query?.value.trim() ?? "";
    if (/^\d+$/.test(text)) this.page.go({ item: `block/${text}` });
    else if (/^[0-9a-f]{64}$/.test(text)) this.page.go({ item: `${(await this.#isTransaction(text)) ? "transaction" : "block"}/${text}` });
    else this.page.go({ item: `find/${text}` });
  }

  /** @param {string} id */
  async #isTransaction(id) {
    return this.page.source.get(`/v1/transactions/${id}`).then(({ status }) => status !== "unknown", () => false);
  }

  /**
   * @param {string} text
   * @returns {Promise<Node[]>} what a member signed, and whatever is loaded and holds the text
   */
  async #found(text) {
    const isMember = /^[\w-]+\.[\w-]+$/.test(text);
    const answer = isMember && (await this.page.source.get(`/v1/transactions?signer=${text}&order=-height&limit=${PAGE}`));
    const signed = answer ? answer.transactions.filter((/** @type {any} */ row) => row.signers.includes(text)) : [];
    const known = new Set(signed.map((/** @type {any} */ row) => row.transaction));
    const loaded = [...this.calls.values()].flat().filter((row) => !known.has(row.transaction) && holds(row, text));
    const calls = [...signed, ...loaded].map((row) => [itemLink(this.page, `block/${row.height}`, String(row.height)), this.#callLink(row), plain(row.signers)]);
    const records = [...this.records.filter((record) => holds(record, text)), ...(isMember ? [] : await this.#keyed(text))]
      .map(({ collection, key, value }) => [collection, itemLink(this.page, `record/${collection}/${key}`, key), fields(value)]);
    const all = [...calls, ...records];
    const title = this.say("found", { text: plain(text) });
    return [element("h2", {}, title), all.length ? table(["where", "what", "more"].map((key) => this.say(key)), all, title) : element("p", {}, this.say("nothing"))];
  }

  /**
   * @param {string} key
   * @returns {Promise<any[]>} records of that key, in whatever collection
   */
  async #keyed(key) {
    const missing = this.collections.filter((name) => !isOfSystem(name) && !this.records.some((record) => record.collection === name && record.key === key));
    const path = (/** @type {string} */ name) => `/v1/state/${name}/${encodeURIComponent(key)}`;
    const all = await Promise.allSettled(missing.map((name) => this.page.source.get(path(name))));
    return all.flatMap((one, i) => (one.status === "fulfilled" ? [{ ...one.value, collection: missing[i] }] : []));
  }
}

/** @param {string} collection */
function isOfSystem(collection) {
  return /^(governance|membership)\//.test(collection);
}

/**
 * @param {any} row
 * @param {string} text
 */
function holds(row, text) {
  return JSON.stringify(row).toLowerCase().includes(text.toLowerCase());
}
