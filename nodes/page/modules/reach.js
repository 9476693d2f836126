/**
 * Who hears whom in a lab, and what follows: why a height waits, and what one should expect to see.
 * Everything is computed from the answer of `GET /network`; faults are read as the nodes have them.
 */

import { say } from "./speech.js";

/** @typedef {{ peer: string, direction: string, drop_permille: number, delay_ms: number }} Fault */
/** @typedef {{ held: boolean, missing: number, stated: { member: string, block: string }[] }} Meter one certificate as a node sees it */
/** @typedef {{ view: number, leader: string, proposed: string | null, certificates: Record<"notar" | "skip" | "commit", Meter> }} ViewOfHeight */
/**
 * @typedef {{ height: number, view: number, leader: string, validators: string[], quorum: number, waits_for: string, timer: string, views: ViewOfHeight[] }} Consensus
 */
/**
 * @typedef {{ member: string, running: boolean, traitor?: string | null, height?: number, clock?: number, faults?: Fault[], consensus: Consensus | null, silent?: string }} LabNode
 */
/** @typedef {{ nodes: LabNode[], quorum: number, tolerated: number, partition?: string[][] | null, [other: string]: any }} Network */

const ALL = 1000;

/** @type {Record<string, [string, string]>} */
const WORDS = {
  "because-down": ["{node} (stopped)", "{node}（已停止）"],
  "because-isolated": ["{node} (isolated)", "{node}（被隔离）"],
  "because-cut": ["{node} (on the other side of the cut)", "{node}（在分隔的另一侧）"],
  "because-traitor": ["{node} (a traitor)", "{node}（叛徒）"],
  "because-silent": ["{node} (runs, does not answer)", "{node}（在运行，但无应答）"],
  "because-late": ["{node} (nothing from it yet)", "{node}（尚未收到）"],
  none: ["No node runs: nothing happens until one is started.", "没有节点在运行：启动节点之前什么也不会发生。"],
  rest: ["Height {height}: nothing to decide, no transaction is waiting.", "高度 {height}：没有待处理的交易，无须决定。"],
  proposal: ["Height {height}, view {view}: waits for the proposal of its leader, {leader}.", "高度 {height}，视图 {view}：等待领导者的提案，领导者为 {leader}。"],
  votes: ["Height {height}, view {view}: votes {have} of {quorum}. Not there: {missing}.", "高度 {height}，视图 {view}：投票 {have}/{quorum}。缺少：{missing}。"],
  finals: ["Height {height}: the block has its votes, and finals {have} of {quorum}. Not there: {missing}.", "高度 {height}：区块已获得投票，终结 {have}/{quorum}。缺少：{missing}。"],
  fetch: ["Height {height}: decided elsewhere or nearly so; it fetches the block and the certificates that it lacks.", "高度 {height}：别处已经或即将决定，正在索取缺少的区块和证书。"],
  time: ["Height {height}, view {view}: holds back for a moment, until the time of the proposal has come.", "高度 {height}，视图 {view}：稍候，直到提案的时间到来。"],
  "timer-running": ["A timer runs: when it fires, this leader is skipped and the next one proposes.", "计时器在走：到点后跳过这位领导者，由下一位提案。"],
  "timer-fired": ["The timer has fired; skips {have} of {quorum}. Not there: {missing}.", "计时器已到点；跳过 {have}/{quorum}。缺少：{missing}。"],
  "timer-same": ["The timer has fired; skips {have} of {quorum}, and the same are missing.", "计时器已到点；跳过 {have}/{quorum}，缺少的仍是这些节点。"],
  "too-few": ["At most {best} of {count} nodes hear each other and {quorum} are needed, so nothing can be decided. Nothing is lost: it goes on as soon as {quorum} are together again.", "{count} 个节点中最多只有 {best} 个能互相通信，而需要 {quorum} 个，因此无法作出任何决定。什么也不会丢失：一旦 {quorum} 个节点重新连通，就会继续。"],
  "expect-too-few": ["Expect: it waits. {best} of {count} nodes hear each other, {quorum} are needed. What is submitted stays pending; no two blocks at one height.", "预期：等待。{count} 个节点中有 {best} 个能互相通信，需要 {quorum} 个。已提交的交易保持待处理；同一高度不会出现两个区块。"],
  "expect-missing": ["Expect: it goes on. {best} of {count} nodes hear each other and {quorum} suffice; views that a missing node leads are skipped, which takes a moment. With {one} it waits.", "预期：继续。{count} 个节点中有 {best} 个能互相通信，{quorum} 个就够；由缺席节点领导的视图会被跳过，需稍等片刻。若只剩 {one} 个就会等待。"],
  "expect-whole": ["Expect: each block takes moments. {count} nodes hear each other; with {tolerated} of them missing it goes on, with {over} it waits.", "预期：每个区块只需片刻。{count} 个节点都能互相通信；缺少 {tolerated} 个仍会继续，缺少 {over} 个就会等待。"],
  "expect-traitors": ["Traitors: {traitors}. Up to {tolerated} can delay, but not forge and not make two blocks of one height.", "叛徒：{traitors}。不超过 {tolerated} 个时，只能拖延，不能伪造，也不能让同一高度出现两个区块。"],
  "expect-betrayed": ["Traitors: {traitors}, more than the {tolerated} that are tolerated. Nothing is promised now: two blocks of one height are possible, and the evidence names who signed both.", "叛徒：{traitors}，超过可容忍的 {tolerated} 个。此时不再有任何保证：同一高度可能出现两个区块，而证据会指出谁签了两次。"],
  "expect-slow": ["Links are slow or lossy: expect skipped views and repeated messages, but no wrong block.", "链路有延迟或丢失：会出现跳过的视图和重发的消息，但不会有错误的区块。"],
  comma: [", ", "、"],
};

/**
 * @param {LabNode} node
 * @returns {boolean} whether it drops everything, both ways
 */
export function isIsolated(node) {
  return (node.faults ?? []).some((fault) => fault.peer === "*" && fault.direction === "both" && fault.drop_permille >= ALL);
}

/**
 * @param {Network} network
 * @returns {string[]} members of the largest group around one node that hears, and is heard by, all of them
 */
export function together(network) {
  const groups = network.nodes.filter((node) => node.running).map((node) => network.nodes.filter((peer) => isLinked(network, node, peer)));
  const largest = groups.reduce((best, group) => (group.length > best.length ? group : best), []);
  return largest.map((node) => node.member);
}

/**
 * @param {Network} network
 * @param {import("./speech.js").Language} language
 * @returns {string} for what the foremost honest node waits, who is missing, and why
 */
export function whyItWaits(network, language) {
  const node = foremost(network);
  if (!node?.consensus) return say(WORDS, language, "none");
  const sentences = [sentenceOf(network, node, node.consensus, language)];
  if (network.nodes.length >= node.consensus.validators.length) {
    const best = together(network).length;
    const values = { best, count: network.nodes.length, quorum: node.consensus.quorum };
    if (best < node.consensus.quorum) sentences.push(say(WORDS, language, "too-few", values));
  }
  return sentences.join(language === "zh" ? "" : " ");
}

/**
 * @param {Network} network
 * @param {import("./speech.js").Language} language
 * @returns {string[]} what one should see of a network in which this goes wrong
 */
export function expectations(network, language) {
  const { quorum, tolerated } = network;
  const [count, best] = [network.nodes.length, together(network).length];
  const traitors = network.nodes.filter((node) => node.traitor).map((node) => node.member);
  const values = { best, count, quorum, tolerated, over: tolerated + 1, one: quorum - 1, traitors: traitors.join(say(WORDS, language, "comma")) };
  const key = best < quorum ? "expect-too-few" : best < count ? "expect-missing" : "expect-whole";
  const isSlow = network.nodes.some((node) => (node.faults ?? []).some((f) => f.delay_ms > 0 || (f.drop_permille > 0 && f.drop_permille < ALL)));
  return [
    say(WORDS, language, key, values),
    ...(traitors.length ? [say(WORDS, language, traitors.length > tolerated ? "expect-betrayed" : "expect-traitors", values)] : []),
    ...(isSlow ? [say(WORDS, language, "expect-slow")] : []),
  ];
}

/**
 * @param {Network} network
 * @returns {LabNode | undefined} the running node that is furthest on, an honest one if there is one
 */
export function foremost(network) {
  const place = (/** @type {LabNode} */ node) => [node.traitor ? 0 : 1, node.consensus?.height ?? 0, node.consensus?.view ?? 0];
  const later = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.map((value, i) => value - b[i]).find((gap) => gap) ?? 0;
  return network.nodes.filter((node) => node.consensus).sort((a, b) => later(place(b), place(a)))[0];
}

/**
 * @param {Network} network
 * @param {LabNode} one
 * @param {LabNode} other
 */
function isLinked(network, one, other) {
  if (!one.running || !other.running) return false;
  if (one === other) return true;
  const isApart = (network.partition ?? []).length > 1 && !network.partition?.some((side) => side.includes(one.member) && side.includes(other.member));
  return !isApart && !isCut(one, other.member) && !isCut(other, one.member);
}

/**
 * @param {LabNode} node
 * @param {string} peer
 * @returns {boolean} whether it loses everything to or from the peer
 */
function isCut(node, peer) {
  return (node.faults ?? []).some((fault) => fault.drop_permille >= ALL && (fault.peer === peer || fault.peer === "*"));
}

/**
 * @param {Network} network
 * @param {LabNode} node
 * @param {Consensus} consensus
 * @param {import("./speech.js").Language} language
 */
function sentenceOf(network, node, consensus, language) {
  const current = consensus.views[consensus.views.length - 1];
  const awaited = consensus.waits_for === "finals" ? consensus.views[0] : current;
  const meter = awaited.certificates[consensus.waits_for === "finals" ? "commit" : "notar"];
  const missing = (/** @type {Meter} */ one) => missingOf(network, node, consensus.validators, one, language);
  const values = { ...consensus, have: meter.stated.length, missing: missing(meter), leader: because(network, node, consensus.leader, language) };
  const key = consensus.waits_for === "work" ? "rest" : consensus.waits_for;
  const skips = current.certificates.skip;
  const fired = { ...values, have: skips.stated.length, missing: missing(skips) };
  const isSame = fired.missing === values.missing && ["votes", "finals"].includes(key);
  const timer = consensus.timer === "fired" && isSame ? "same" : consensus.timer;
  const clock = timer === "off" ? "" : say(WORDS, language, `timer-${timer}`, fired);
  return [say(WORDS, language, key, values), clock].filter(Boolean).join(language === "zh" ? "" : " ");
}

/**
 * @param {Network} network
 * @param {LabNode} node whose view it is
 * @param {string[]} validators
 * @param {Meter} meter
 * @param {import("./speech.js").Language} language
 */
function missingOf(network, node, validators, meter, language) {
  const stated = new Set(meter.stated.map((statement) => statement.member));
  const names = validators.filter((member) => !stated.has(member)).map((member) => because(network, node, member, language));
  return names.join(say(WORDS, language, "comma")) || "–";
}

/**
 * @param {Network} network
 * @param {LabNode} node that does not hear it
 * @param {string} member
 * @param {import("./speech.js").Language} language
 * @returns {string} its name and why nothing comes from it
 */
function because(network, node, member, language) {
  const other = network.nodes.find((one) => one.member === member);
  const why = !other || other === node ? "late"
    : !other.running ? "down"
    : isIsolated(other) || isIsolated(node) ? "isolated"
    : !isLinked(network, node, other) ? "cut"
    : other.traitor ? "traitor"
    : other.silent ? "silent"
    : "late";
  return say(WORDS, language, `because-${why}`, { node: member });
}
