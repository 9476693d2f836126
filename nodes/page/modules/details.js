/**
 * One thing of the ledger in full: a block, a transaction, a record with its history and the proof that leads to the genesis.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { folded, outcome, quiet } from "./parts.js";
import { canonical } from "./source.js";
import { instant, say, speaker } from "./speech.js";
import { fields, plain, short, shown, table } from "./values.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  genesis: ["Genesis: what the ledger begins with", "创世：账本的起点"],
  ledger: ["ledger: id of the genesis", "账本：创世的标识"],
  parent: ["parent: id of the block before", "父：前一区块的标识"],
  transactions_root: ["root over the transactions", "交易之根"],
  receipts_root: ["root over their receipts", "收据之根"],
  state_root: ["root of the state after this block", "此区块之后状态之根"],
  history_root: ["root over all earlier blocks", "此前全部区块之根"],
  validators: ["validators of this block", "本区块的验证者"],
  next_validators: ["validators of the next", "下一区块的验证者"],
  proposer: ["proposer", "提议者"],
  id: ["id: digest of this header", "标识：本区块头的摘要"],
  pruned: ["No longer kept by this node.", "本节点不再保存。"],
  committed: ["committed", "已写入账本"],
  rejected: ["rejected", "已拒绝"],
  pending: ["pending", "待定"],
  unknown: ["unknown", "未知"],
  events: ["events", "事件"],
  decision: ["Why it is decided: certificates", "为何已定：证书"],
  view: ["view", "视图"],
  commit: ["commit", "提交"],
  notar: ["notarization", "公证"],
  skip: ["skip", "跳过"],
  record: ["Record {key}", "记录 {key}"],
  "no-record": ["The state holds no such record now.", "当前状态中没有此记录。"],
  history: ["History, newest first", "历史，新的在前"],
  deleted: ["deleted", "已删除"],
  proof: ["Proof: from the value to the genesis", "证明：从值到创世"],
  leaf: ["The value, as a leaf of the state: digests of its key and of itself.", "值作为状态的一片叶：键与值的摘要。"],
  path: [
    "Merkle path: {levels} levels with {count} neighbours. With them and the leaf anybody computes the root.",
    "默克尔路径：{levels} 层，{count} 个邻居。任何人由它们与叶可算出根。",
  ],
  root: ["The root that comes out stands as state_root in the header of block {height}.", "算出的根即区块 {height} 头中的 state_root。"],
  header: ["The digest of that header is the block's id.", "该区块头的摘要即区块标识。"],
  quorum: ["{count} validators signed that id: {names}. A quorum is {quorum}.", "{count} 个验证者签署了该标识：{names}。法定数为 {quorum}。"],
  trust: ["Who the validators are, the genesis says; their set changed {count} times since.", "验证者由创世规定；此后变更 {count} 次。"],
  download: ["Save this proof: tallystick verify FILE checks it without a node", "保存此证明：tallystick verify 文件 无需节点即可核验"],
};

/** Fields of a header in the order in which they are spoken of. */
const ROOTS = ["transactions_root", "receipts_root", "state_root", "history_root"];
const HEADER = ["id", "parent", "ledger", "time", "proposer", ...ROOTS, "validators", "next_validators"];

/** Each method gives the parts of one thing. */
export class Details {
  constructor(page) {
    this.page = page;
    this.say = speaker(page, WORDS);
  }

  /** A block by height or id. */
  async block(id) {
    const { say, page } = this;
    const block = await page.source.get(`/v1/blocks/${id}`);
    if (block.genesis) return [element("h2", {}, say("genesis")), fields({ ledger: page.network.ledger, ...block.genesis })];
    const { height } = block.header;
    const { validators } = await page.source.get(`/v1/validators?height=${height}`).catch(() => ({ validators: [] }));
    const header = HEADER.map((name) => {
      const value = name === "id" ? block.id : block.header[name];
      const link = name === "parent" ? itemLink(page, `block/${height - 1}`, value) : shown(value, name);
      return [element("span", { title: name }, say(name)), element("code", {}, link)];
    });
    const calls = (block.transactions ?? []).map((envelope, i) => this.#call(envelope, block.receipts[i]));
    const { commit, notar, earlier } = block.record;
    const certificates = [commit, notar, ...earlier].map((one) => [say(one.kind), one.view, signersOf(one, validators)]);
    const ways = [height - 1, height + 1].map((other, i) => itemLink(page, `block/${other}`, i ? `${other} →` : `← ${other}`));
    return [
      element("h2", {}, say("in-block", { height }), " ", element("span", { class: "ways" }, ...ways)),
      table([say("height"), String(height)], header, say("in-block", { height })),
      element("h3", {}, say("transactions")),
      ...(calls.length ? await Promise.all(calls) : [element("p", {}, say(block.pruned ? "pruned" : "none"))]),
      element("h3", {}, say("decision")),
      table([say("certificate"), say("view"), say("signers")], certificates, say("decision")),
    ];
  }

  async transaction(id) {
    const { say, page } = this;
    const status = await page.source.get(`/v1/transactions/${id}`);
    if (!status.place) return [element("h2", {}, say(status.status)), element("code", {}, id)];
    const { height, position } = status.place;
    const block = await page.source.get(`/v1/blocks/${height}`);
    const title = element("h2", {}, itemLink(page, `block/${height}`, say("in-block", { height })));
    return [title, await this.#call(block.transactions[position], block.receipts[position])];
  }

  async record(contract, collection, key) {
    const { say, page } = this;
    const path = `/v1/state/${contract}/${collection}/${encodeURIComponent(key)}`;
    const { history } = await page.source.get(`${path}/history`);
    const value = history[0]?.value ?? null;
    const { proof } = value !== null && page.source.isLive ? await page.source.get(`${path}?proof=true`) : {};
    const rows = history.map((write) => {
      const height = itemLink(page, `block/${write.height}`, String(write.height));
      return [height, instant(write.time), write.value === null ? say("deleted") : shown(write.value)];
    });
    return [
      element("h2", {}, say("record", { key: plain(key) })),
      quiet(`${contract} / ${collection}`),
      value === null ? element("p", {}, say("no-record")) : shown(value),
      element("h3", {}, say("history")),
      table([say("height"), say("time"), say("value")], rows, say("history")),
      ...(proof ? await this.#proof(proof) : []),
    ];
  }

  /** What was asked, by whom, and what came of it. */
  async #call(envelope, receipt) {
    const { say, page } = this;
    const { contract, operation, signers, arguments: given } = envelope.body;
    const link = itemLink(page, `transaction/${receipt.transaction}`, `${contract}.${operation}`);
    const rows = { [say("signers")]: signers, [say("arguments")]: given };
    if (receipt.events.length) rows[say("events")] = receipt.events.map((event) => ({ [event.name]: event.data }));
    const title = element("h4", {}, link, " ", short(receipt.transaction));
    return element("article", { class: `call ${receipt.outcome}` }, title, await outcomeOf(page, receipt), fields(rows));
  }

  /** A proof of a value, step by step. */
  async #proof(proof) {
    const { say, page } = this;
    const { header, certificate, path, trust } = proof;
    const { validators, q } = await page.source.get(`/v1/validators?height=${header.height}`);
    const names = signersOf(certificate, validators);
    const count = path.steps.reduce((sum, step) => sum + Object.keys(step).length, 0);
    const code = (text) => element("code", {}, text);
    const steps = [
      [say("leaf"), fields(path.leaf)],
      [folded(say("path", { levels: path.steps.length, count }), shown(path.steps))],
      [say("root", { height: header.height }), code(header.state_root)],
      [say("header"), code(certificate.block)],
      [say("quorum", { count: certificate.signers.length, names, quorum: q })],
      [say("trust", { count: trust.length }), code(proof.ledger)],
    ];
    const href = URL.createObjectURL(new Blob([canonical(proof)], { type: "application/json" }));
    return [
      element("h3", {}, say("proof")),
      element("ol", { class: "proof" }, ...steps.map((parts) => element("li", {}, ...parts.flatMap((part) => [part, " "])))),
      element("p", {}, element("a", { href, download: `proof-${proof.key}.json` }, say("download"))),
    ];
  }
}

/** Committed, or rejected with its rule and the rule's sentence, which is asked for if it is not known. */
export async function outcomeOf(page, receipt, sentence) {
  const word = say(WORDS, page.language, receipt.outcome);
  if (receipt.outcome === "committed") return outcome("committed", `✓ ${word}`);
  const told = sentence ?? (await page.source.get(`/v1/transactions/${receipt.transaction}`).catch(() => ({}))).sentence ?? "";
  return outcome("rejected", `✗ ${word}: `, element("code", {}, receipt.code), " ", plain(told));
}

/** Leads to an item in full: `block/5`, `transaction/ID`, `record/CONTRACT/COLLECTION/KEY`. */
export function itemLink(page, item, text) {
  return element("a", { href: writeAddress(page.address, { view: "ledger", item }) }, plain(text));
}

function signersOf(certificate, validators) {
  return certificate.signers.map((index) => validators[index]?.member ?? index).join(", ");
}
