/**
 * One thing of the ledger in full: a block, a transaction, a record with its history and the proof that leads to the genesis.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { canonical } from "./source.js";
import { instant, speaker } from "./speech.js";
import { fields, plain, short, shown, table } from "./values.js";

/** @typedef {import("./page.js").Page} Page */

/** @type {import("./speech.js").Words} */
const WORDS = {
  block: ["Block {height}", "区块 {height}"],
  genesis: ["Genesis: what the ledger begins with", "创世：账本的起点"],
  height: ["height", "高度"],
  time: ["time", "时间"],
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
  transactions: ["Transactions", "交易"],
  none: ["none", "无"],
  pruned: ["No longer kept by this node.", "本节点不再保存。"],
  signers: ["signed by", "签署者"],
  arguments: ["arguments", "参数"],
  committed: ["committed", "已提交"],
  rejected: ["rejected", "已拒绝"],
  pending: ["pending", "待定"],
  unknown: ["unknown", "未知"],
  events: ["events", "事件"],
  decision: ["Why it is decided: certificates", "为何已定：证书"],
  kind: ["certificate", "证书"],
  view: ["view", "视图"],
  "who-signed": ["signed by", "签署者"],
  commit: ["commit", "提交"],
  notar: ["notarization", "公证"],
  skip: ["skip", "跳过"],
  record: ["Record {key}", "记录 {key}"],
  "no-record": ["The state holds no such record now.", "当前状态中没有此记录。"],
  history: ["History, newest first", "历史，新的在前"],
  value: ["value", "值"],
  deleted: ["deleted", "已删除"],
  proof: ["Proof: from the value to the genesis", "证明：从值到创世"],
  leaf: ["The value, as a leaf of the state: digests of its key and of itself.", "值作为状态的一片叶：键与值的摘要。"],
  "no-leaf": ["The place of this key in the state, where nothing stands.", "此键在状态中的位置：空。"],
  path: ["Merkle path: {levels} levels with {count} neighbours. With them and the leaf anybody computes the root.", "默克尔路径：{levels} 层，{count} 个邻居。任何人由它们与叶可算出根。"],
  root: ["The root that comes out stands as state_root in the header of block {height}.", "算出的根即区块 {height} 头中的 state_root。"],
  header: ["The digest of that header is the block's id.", "该区块头的摘要即区块标识。"],
  certificate: ["{count} validators signed that id: {names}. A quorum is {quorum}.", "{count} 个验证者签署了该标识：{names}。法定数为 {quorum}。"],
  trust: ["Who the validators are, the genesis says; their set changed {count} times since.", "验证者由创世规定；此后变更 {count} 次。"],
  download: ["Save this proof; `tallystick verify FILE` checks it without a node", "保存此证明；`tallystick verify 文件` 无需节点即可核验"],
};

/** Fields of a header in the order in which they are spoken of. */
const HEADER = ["id", "parent", "ledger", "time", "proposer", "transactions_root", "receipts_root", "state_root", "history_root", "validators", "next_validators"];


/**
 * @param {Page} page
 * @param {string} id height or digest
 * @returns {Promise<Node[]>}
 */
export async function blockDetail(page, id) {
  const say = speaker(page, WORDS);
  const block = await page.source.get(`/v1/blocks/${id}`);
  if (block.genesis) return [element("h2", {}, say("genesis")), fields({ ledger: page.network.ledger, ...block.genesis })];
  const names = await validatorNames(page, block.height);
  const { height } = block.header;
  const header = HEADER.map((name) => {
    const value = name === "id" ? block.id : block.header[name];
    const link = name === "parent" ? itemLink(page, `block/${height - 1}`, value) : shown(value, name);
    return [element("span", { title: name }, say(name)), element("code", {}, link)];
  });
  const calls = (block.transactions ?? []).map((/** @type {any} */ envelope, /** @type {number} */ i) => call(page, envelope, block.receipts[i]));
  const { commit, notar, earlier } = block.record;
  const certificates = [commit, notar, ...earlier].map((one) => [say(one.kind), one.view, signersOf(one, names)]);
  const ways = [height - 1, height + 1].map((other, i) => itemLink(page, `block/${other}`, i ? `${other} →` : `← ${other}`));
  return [
    element("h2", {}, say("block", { height }), " ", element("span", { class: "ways" }, ...ways)),
    table([say("height"), String(height)], header, say("block", { height })),
    element("h3", {}, say("transactions")),
    ...(calls.length ? await Promise.all(calls) : [element("p", {}, say(block.pruned ? "pruned" : "none"))]),
    element("h3", {}, say("decision")),
    table([say("kind"), say("view"), say("who-signed")], certificates, say("decision")),
  ];
}

/**
 * @param {Page} page
 * @param {string} id
 * @returns {Promise<Node[]>}
 */
export async function transactionDetail(page, id) {
  const say = speaker(page, WORDS);
  const status = await statusOf(page, id);
  if (!status.place) return [element("h2", {}, say(status.status)), element("code", {}, id)];
  const { height, position } = status.place;
  const block = await page.source.get(`/v1/blocks/${height}`);
  const title = element("h2", {}, itemLink(page, `block/${height}`, say("block", { height })));
  return [title, await call(page, block.transactions[position], block.receipts[position])];
}

/**
 * @param {Page} page
 * @param {string} id
 * @returns {Promise<any>} what became of a transaction; a page on disk holds their list alone, with sentences in both languages
 */
async function statusOf(page, id) {
  if (page.source.isLive) return page.source.get(`/v1/transactions/${id}`);
  const { transactions } = await page.source.get("/v1/transactions");
  const row = transactions.find((/** @type {any} */ one) => one.transaction === id);
  return row ? { place: row, sentence: row.sentence?.[page.language] } : { status: "unknown" };
}

/**
 * @param {Page} page
 * @param {any} envelope
 * @param {any} receipt
 * @returns {Promise<HTMLElement>} what was asked, by whom, and what came of it
 */
async function call(page, envelope, receipt) {
  const say = speaker(page, WORDS);
  const { contract, operation, signers, arguments: given } = envelope.body;
  const link = itemLink(page, `transaction/${receipt.transaction}`, `${contract}.${operation}`);
  const rows = { [say("signers")]: signers, [say("arguments")]: given };
  if (receipt.events.length) rows[say("events")] = receipt.events.map((/** @type {any} */ event) => ({ [event.name]: event.data }));
  return element("article", { class: `call ${receipt.outcome}` }, element("h4", {}, link, " ", short(receipt.transaction)), await outcome(page, receipt), fields(rows));
}

/**
 * @param {Page} page
 * @param {any} receipt
 * @param {string} [sentence] if it is known already
 * @returns {Promise<HTMLElement>} committed, or rejected with its rule and the rule's sentence
 */
export async function outcome(page, receipt, sentence) {
  const say = speaker(page, WORDS);
  if (receipt.outcome === "committed") return element("p", { class: "outcome committed" }, `✓ ${say("committed")}`);
  const told = sentence ?? (await statusOf(page, receipt.transaction).catch(() => ({}))).sentence ?? "";
  return element("p", { class: "outcome rejected" }, `✗ ${say("rejected")}: `, element("code", {}, receipt.code), " ", plain(told));
}

/**
 * @param {Page} page
 * @param {string} contract
 * @param {string} collection
 * @param {string} key
 * @returns {Promise<Node[]>}
 */
export async function recordDetail(page, contract, collection, key) {
  const say = speaker(page, WORDS);
  const path = `/v1/state/${contract}/${collection}/${encodeURIComponent(key)}`;
  const { history } = await page.source.get(`${path}/history`);
  const record = page.source.isLive ? await page.source.get(`${path}?proof=true`) : { value: history[0]?.value ?? null };
  const rows = history.map((/** @type {any} */ write) => {
    const height = itemLink(page, `block/${write.height}`, String(write.height));
    return [height, instant(write.time), write.value === null ? say("deleted") : shown(write.value)];
  });
  return [
    element("h2", {}, say("record", { key: plain(key) })),
    element("p", { class: "quiet" }, `${contract} / ${collection}`),
    record.value === null ? element("p", {}, say("no-record")) : shown(record.value),
    element("h3", {}, say("history")),
    table([say("height"), say("time"), say("value")], rows, say("history")),
    ...(record.proof ? await proofSteps(page, record.proof) : []),
  ];
}

/**
 * @param {Page} page
 * @param {any} proof of a state key
 */
async function proofSteps(page, proof) {
  const say = speaker(page, WORDS);
  const { header, certificate, path, trust } = proof;
  const { validators, q } = await page.source.get(`/v1/validators?height=${header.height}`);
  const names = signersOf(certificate, validators.map((/** @type {any} */ one) => one.member));
  const count = path.steps.reduce((/** @type {number} */ sum, /** @type {any} */ step) => sum + Object.keys(step).length, 0);
  const levels = element("details", {}, element("summary", {}, say("path", { levels: path.steps.length, count })), shown(path.steps));
  const code = (/** @type {string} */ text) => element("code", {}, text);
  const steps = [
    path.leaf ? [say("leaf"), fields(path.leaf)] : [say("no-leaf")],
    [levels],
    [say("root", { height: header.height }), code(header.state_root)],
    [say("header"), code(certificate.block)],
    [say("certificate", { count: certificate.signers.length, names, quorum: q })],
    [say("trust", { count: trust.length }), code(proof.ledger)],
  ];
  const url = URL.createObjectURL(new Blob([canonical(proof)], { type: "application/json" }));
  return [
    element("h3", {}, say("proof")),
    element("ol", { class: "proof" }, ...steps.map((parts) => element("li", {}, ...parts.flatMap((part) => [part, " "])))),
    element("p", {}, element("a", { href: url, download: `proof-${proof.key}.json` }, say("download"))),
  ];
}

/**
 * @param {Page} page
 * @param {string} item `block/5`, `transaction/ID`, `record/CONTRACT/COLLECTION/KEY`
 * @param {string} text
 * @returns {HTMLAnchorElement} to what the view shows in full
 */
export function itemLink(page, item, text) {
  return element("a", { href: writeAddress(page.address, { view: "ledger", item }) }, plain(text));
}

/**
 * @param {any} certificate
 * @param {string[]} names of the validators
 */
function signersOf(certificate, names) {
  return certificate.signers.map((/** @type {number} */ index) => names[index] ?? index).join(", ");
}

/**
 * @param {Page} page
 * @param {number} height
 * @returns {Promise<string[]>}
 */
async function validatorNames(page, height) {
  const { validators } = await page.source.get(`/v1/validators?height=${height}`).catch(() => ({ validators: [] }));
  return validators.map((/** @type {any} */ validator) => validator.member);
}
