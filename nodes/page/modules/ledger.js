/**
 * The ledger: blocks as they come, records by contract and collection, a search, and beside them one thing in full.
 */

import { Details, itemLink } from "./details.js";
import { element } from "./elements.js";
import { View, formOf, options, quiet, refusal } from "./parts.js";
import { instant } from "./speech.js";
import { fields, plain, saidTable } from "./values.js";

const PAGE = 20;
const CALLS_MAX = 500;
const OF_SYSTEM = /^(governance|membership)\//;

export class LedgerView extends View {
  constructor(page) {
    super(page, "ledger");
    this.details = new Details(page);
    this.turn = 0;
    this.generation = -1;
    this.#forget();
    this.search = formOf(() => this.run(this.#search()), { role: "search", class: "row" });
    this.blockPlace = element("section");
    this.statePlace = element("section");
    this.detail = element("section", { class: "detail" });
    const lists = element("div", {}, this.blockPlace, this.statePlace);
    this.root.append(this.search, element("div", { class: "columns" }, lists, this.detail));
  }

  async show() {
    const turn = ++this.turn;
    this.#drawSearch();
    await this.#load();
    this.#drawBlocks();
    await this.#drawState();
    const parts = await this.#item().catch((error) => [refusal(error)]);
    if (turn !== this.turn) return;
    this.detail.replaceChildren(...parts);
    const { item } = this.page.address;
    if (item && item !== this.shown) this.detail.scrollIntoView({ block: "nearest" }); // in a narrow window it stands below
    this.shown = item;
  }

  update(network) {
    const heights = network.nodes.map((node) => node.height ?? (node.consensus?.height ?? 1) - 1);
    if (Math.max(...heights) > this.height && !this.isLoading) this.run(this.#follow());
  }

  async #follow() {
    await this.#load();
    this.#drawBlocks();
    if (!this.statePlace.contains(document.activeElement)) await this.#drawState();
  }

  #forget() {
    this.height = -1;
    /** Headers, and rows of transactions, by height. */
    this.blocks = new Map();
    this.calls = new Map();
    /** Envelopes by height, read when somebody searches. */
    this.bodies = new Map();
    /** Of the collection in view. */
    this.records = [];
    /** Of all contracts, as `CONTRACT/COLLECTION`. */
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

  /** Reads a page of blocks above that height. */
  async #read(after) {
    const [{ blocks }, { transactions }] = await Promise.all([
      this.page.source.get(`/v1/blocks?after=${after}&limit=${PAGE}`),
      this.page.source.get(`/v1/transactions?after_height=${after}&before_height=${after + PAGE + 1}&limit=${CALLS_MAX}`),
    ]);
    for (const block of blocks) {
      this.blocks.set(block.height, block);
      this.calls.set(block.height, transactions.filter((row) => row.height === block.height));
    }
  }

  #drawSearch() {
    if (this.search.contains(document.activeElement)) return;
    const [words, value] = [this.say("search"), this.query?.value ?? ""];
    this.query = element("input", { type: "search", name: "query", value, placeholder: words, "aria-label": words });
    this.search.replaceChildren(this.query, element("button", {}, this.say("find")));
  }

  #drawBlocks() {
    const heights = [...this.blocks.keys()].sort((a, b) => b - a);
    const rows = heights.map((height) => {
      const calls = (this.calls.get(height) ?? []).flatMap((row) => [this.#callLink(row), " "]);
      const time = element("span", { class: "instant" }, instant(this.blocks.get(height).time));
      return [itemLink(this.page, `block/${height}`, height), time, calls];
    });
    const last = heights.at(-1) ?? 1;
    const older = () => this.run(this.#read(Math.max(0, last - 1 - PAGE)).then(() => this.#drawBlocks()));
    const end = last > 1 ? this.button("older", older) : itemLink(this.page, "block/0", this.say("genesis"));
    const title = this.say("blocks");
    const all = saidTable(this.say, ["block", "time", "transactions"], rows, title);
    this.blockPlace.replaceChildren(element("h2", {}, title), all, element("p", {}, end));
  }

  #callLink(row) {
    const mark = row.outcome === "committed" ? "✓" : "✗";
    const link = itemLink(this.page, `transaction/${row.transaction}`, `${mark} ${row.contract}.${row.operation}`);
    link.className = row.outcome;
    return link;
  }

  #recordRow({ collection, key, value }) {
    return [itemLink(this.page, `record/${collection}/${key}`, key), fields(value)];
  }

  async #drawState() {
    const { address, source } = this.page;
    const { contracts } = await source.get("/v1/contracts");
    const names = contracts.flatMap((one) => one.collections.map((each) => `${one.name}/${each.name}`));
    this.collections = names;
    const chosen = names.includes(address.collection) ? address.collection : names[0];
    const change = () => this.page.go({ collection: select.value, filter: "" });
    const select = element("select", { "aria-label": this.say("collection"), change }, ...options(names, chosen));
    const label = this.say("filter");
    const filter = element("input", { name: "filter", value: address.filter ?? "", placeholder: label, "aria-label": label });
    const submit = () => {
      filter.blur();
      this.page.go({ filter: filter.value });
    };
    const conditions = source.isLive ? [filter, element("button", {}, this.say("apply"))] : []; // a node filters
    const list = element("div");
    const form = formOf(submit, { class: "row" }, select, ...conditions);
    this.statePlace.replaceChildren(element("h2", {}, this.say("state")), form, list);
    this.records = [];
    if (chosen) await this.#drawRecords(list, chosen, null);
  }

  async #drawRecords(place, collection, after) {
    const conditions = `${this.page.address.filter ?? ""}${after === null ? "" : `&after=${encodeURIComponent(after)}`}`;
    const { items, next } = await this.page.source.get(`/v1/state/${collection}?limit=${PAGE}&${conditions}`);
    this.records.push(...items.map((item) => ({ ...item, collection })));
    const rows = this.records.map((record) => this.#recordRow(record));
    const more = next === null ? "" : this.button("more", () => this.run(this.#drawRecords(place, collection, next)));
    place.replaceChildren(saidTable(this.say, ["key", "record"], rows, this.say("state")), more);
  }

  /** Parts of what the address names. */
  async #item() {
    const [kind, ...rest] = String(this.page.address.item ?? "").split("/");
    if (kind === "block") return this.details.block(rest[0]);
    if (kind === "transaction") return this.details.transaction(rest[0]);
    if (kind === "record") return this.details.record(rest[0], rest[1], rest.slice(2).join("/"));
    if (kind === "find") return this.#found(rest.join("/"));
    return [quiet(this.say("choose"))];
  }

  async #search() {
    const text = this.query.value.trim();
    const isPlace = /^[0-9]+$/.test(text) ? Number(text) <= this.height : /^[0-9a-f]{64}$/.test(text);
    if (!isPlace) return this.page.go({ item: `find/${text}` });
    const { status } = text.length < 64 ? {} : await this.page.source.get(`/v1/transactions/${text}`);
    this.page.go({ item: `${(status ?? "unknown") === "unknown" ? "block" : "transaction"}/${text}` });
  }

  /** What a member signed, and whatever is loaded and holds the text: arguments of transactions too. */
  async #found(text) {
    await this.#readBodies();
    const isMember = /^[\w-]+\.[\w-]+$/.test(text);
    const asked = isMember && (await this.page.source.get(`/v1/transactions?signer=${text}&order=-height&limit=${PAGE}`));
    const signed = asked ? asked.transactions.filter((row) => row.signers.includes(text)) : [];
    const known = new Set(signed.map((row) => row.transaction));
    const loaded = [...this.calls.values()].flat().filter((row) => {
      return !known.has(row.transaction) && holds([row, this.#argumentsOf(row)], text);
    });
    const calls = [...signed, ...loaded].map((row) => {
      const told = [element("p", {}, plain(row.signers)), fields(this.#argumentsOf(row))];
      return [itemLink(this.page, `block/${row.height}`, row.height), this.#callLink(row), told];
    });
    const records = [...this.records.filter((record) => holds(record, text)), ...(isMember ? [] : await this.#keyed(text))];
    const all = [...calls, ...records.map((record) => [record.collection, ...this.#recordRow(record)])];
    const title = this.say("found", { text: plain(text) });
    const shown = all.length ? saidTable(this.say, ["where", "what", "more"], all, title) : element("p", {}, this.say("nothing"));
    return [element("h2", {}, title), shown];
  }

  /** Arguments stand in the bodies of blocks alone: reads those of blocks that are loaded and have any. */
  async #readBodies() {
    const wanted = [...this.calls].filter(([height, rows]) => rows.length && !this.bodies.has(height));
    await Promise.all(wanted.map(async ([height]) => {
      const block = await this.page.source.get(`/v1/blocks/${height}`).catch(() => null);
      if (block) this.bodies.set(height, block.transactions ?? []); // pruned ones are gone
    }));
  }

  /** Of a row whose block's body is kept. */
  #argumentsOf({ height, position }) {
    return this.bodies.get(height)?.[position]?.body.arguments ?? {};
  }

  /** Records of that key in collections that are not in view, from their histories: of none they are empty. */
  async #keyed(key) {
    const others = this.collections.filter((name) => !OF_SYSTEM.test(name) && name !== this.records[0]?.collection);
    const asked = others.map((name) => this.page.source.get(`/v1/state/${name}/${encodeURIComponent(key)}/history?limit=1`));
    const all = await Promise.allSettled(asked);
    return all.flatMap(({ value }, i) => {
      const found = value?.history[0]?.value ?? null;
      return found === null ? [] : [{ collection: others[i], key, value: found }];
    });
  }
}

/** Whether a value in it does, whatever its name. */
function holds(row, text) {
  if (row !== null && typeof row === "object") return Object.values(row).some((value) => holds(value, text));
  return String(row).toLowerCase().includes(text.toLowerCase());
}
