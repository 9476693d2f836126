/**
 * Tools of a lab for whoever has only a browser: verify a file, convict by two, read an export, seal a price, see what nodes noted.
 */

import { element } from "./elements.js";
import { Problem } from "./source.js";
import { say } from "./speech.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  verify: ["Verify a file", "验证文件"],
  convict: ["Convict", "定罪"],
  read: ["Read an export", "阅读导出"],
  prove: ["Take a proof", "取得证明"],
  seal: ["Seal a price", "密封价格"],
  access: ["Who may read a bid", "谁可以查看标书"],
  noted: ["What the nodes noted", "节点的记录"],
  file: ["File of this lab", "本实验的文件"],
  own: ["or one from your computer", "或你电脑上的文件"],
  second: ["Second export", "第二份导出"],
  ledger: ["Ledger that it must be of (empty: any)", "必须属于的账本（空：不限）"],
  block: ["Block that it must hold (may be empty)", "必须包含的区块（可空）"],
  number: ["Number of the asset, there or not", "资产编号，存在与否均可"],
  key: ["Key of the bid", "标书的键"],
  bidder: ["Bidder", "投标人"],
  price: ["Price in cents", "价格（分）"],
  "do-verify": ["Verify", "验证"],
  "do-convict": ["Convict", "定罪"],
  "do-read": ["Read", "阅读"],
  "do-prove": ["Take", "取得"],
  "do-seal": ["Seal", "密封"],
  "do-access": ["Look", "查看"],
  "do-noted": ["Look", "查看"],
  holds: ["Everything holds.", "全部成立。"],
  broken: ["Broken: {rule}. {message}", "不成立：{rule}。{message}"],
  printed: ["What the one-file verifier prints", "单文件验证器的输出"],
  proved: ["What is proved", "证明了什么"],
  kept: ["held {held}", "成立 {held}"],
  fails: ["broken", "不成立"],
  forked: ["At height {height} two blocks were decided. Signed on both sides: {convicted}. Evidence: {evidence}.", "在高度 {height} 决定了两个区块。两边都签名的：{convicted}。证据：{evidence}。"],
  "not-forked": ["These two do not contradict each other.", "这两份并不矛盾。"],
  save: ["Save this proof as a file", "把此证明保存为文件"],
  sealed: ["The digest, for the ledger", "摘要，放到账本上"],
  salt: ["The salt, for you alone", "盐值，自己保存"],
  filter: ["Filter", "筛选"],
  nothing: ["Nothing yet.", "暂无。"],
  works: ["…", "……"],
  refused: ["{detail} ({code})", "{detail}（{code}）"],
};
const COLUMNS = {
  rule: { number: ["№", "№"], name: ["rule", "规则"], state: ["state", "状态"], sentence: ["what it says", "内容"] },
  row: { height: ["height", "高度"], time: ["time", "时间"], signers: ["signers", "签署者"], operation: ["operation", "操作"], arguments: ["arguments", "参数"], outcome: ["outcome", "结果"] },
  access: { member: ["member", "成员"], level: ["sees", "看到"], rule: ["rule", "规则"], sentence: ["why", "原因"] },
  noted: { about: ["about", "关于"], what: ["what", "内容"], times: ["times", "次数"], by: ["noted by", "记录者"], detail: ["first time", "首次"] },
};
/** @type {Record<string, string[]>} */
const TOOLS = { proofs: ["prove", "verify"], traitors: ["noted", "verify", "convict", "read"], sealed: ["seal", "access"], auditor: ["verify", "read"] };

/**
 * @param {import("./page.js").Page} page
 * @param {any} lab as `GET /exercises/N` tells it
 * @returns {Node | string}
 */
export function desk(page, lab) {
  const tools = page.canAct && lab.started ? (TOOLS[lab.name] ?? []) : [];
  return tools.length ? element("div", { class: "desk" }, ...tools.map((name) => tool(page, lab, name))) : "";
}

/**
 * @param {import("./page.js").Page} page
 * @param {any} lab
 * @param {string} name
 */
function tool(page, lab, name) {
  const words = (/** @type {string} */ key, /** @type {any} */ values) => say(WORDS, page.language, key, values);
  const files = lab.files.map((/** @type {any} */ file) => file.name).filter((/** @type {string} */ file) => /\.jsonl?$/.test(file));
  const choice = (/** @type {number} */ at) => element("select", {}, ...files.map((/** @type {string} */ file, /** @type {number} */ i) => element("option", { value: file, selected: i === at }, file)));
  const text = (/** @type {string} */ value) => element("input", { value, autocomplete: "off", spellcheck: "false" });
  const [first, second, own] = [choice(0), choice(1), element("input", { type: "file" })];
  const [ledger, block] = [text(lab.name === "proofs" ? page.network.ledger : ""), text("")];
  const number = text("");
  const [bidder, price] = [text(page.address.role ?? ""), element("input", { type: "number", min: 1, step: 1 })];
  /** @type {Record<string, [string, HTMLElement][]>} */
  const fields = {
    verify: [["file", first], ["own", own], ["ledger", ledger], ["block", block]],
    convict: [["file", first], ["second", second]],
    read: [["file", first], ["own", own]],
    prove: [["number", number]],
    access: [["key", number]],
    seal: [["bidder", bidder], ["price", price]],
    noted: [],
  };
  const chosen = async () => (own.files?.length ? { text: await own.files[0].text() } : { name: first.value });
  /** @type {Record<string, () => Promise<any>>} */
  const asks = {
    verify: async () => verdict(words, page.language, await page.source.post("/verify", { ...(await chosen()), ledger: ledger.value.trim(), block: block.value.trim() })),
    convict: async () => conviction(words, await page.source.post("/convict", { first: first.value, second: second.value })),
    read: async () => rows(words, page.language, (await page.source.post("/read", await chosen())).rows),
    prove: async () => proof(words, page.language, number.value.trim(), await page.source.post("/prove", { contract: "asset", collection: "assets", key: number.value.trim() })),
    access: async () => readers(page.language, (await page.source.get(`/v1/access/tender/bids/${encodeURIComponent(number.value.trim())}?limit=100`)).members),
    seal: async () => opening(words, await page.source.post("/seal", { bidder: bidder.value.trim(), price_cents: Number(price.value) })),
    noted: async () => noted(words, page.language, (await page.source.get("/noted")).rows),
  };
  const found = element("div", { class: "found", "aria-live": "polite" });
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    found.replaceChildren(element("p", { class: "quiet" }, words("works")));
    try {
      found.replaceChildren(...(await asks[name]()));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      found.replaceChildren(element("p", { class: "outcome rejected" }, words("refused", { detail: error.detail, code: error.code })));
    }
  };
  const labels = fields[name].map(([key, input]) => element("label", {}, element("span", {}, words(key)), input));
  const form = element("form", { submit: (event) => void send(event) }, ...labels, element("button", { class: "main" }, words(`do-${name}`)));
  return element("section", {}, element("h3", {}, words(name)), form, found);
}

/** @typedef {(key: string, values?: any) => string} Speech */

/**
 * @param {Speech} words
 * @param {string} language
 * @param {any} told
 */
function verdict(words, language, told) {
  const outcome = told.holds ? words("holds") : words("broken", { rule: told.broken.rule, message: told.broken.message });
  const state = (/** @type {any} */ rule) => (rule.name === told.broken?.rule ? words("fails") : rule.held ? words("kept", rule) : "–");
  const facts = told.facts.flatMap((/** @type {any} */ fact) => Object.entries(fact).map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : value]));
  const list = element("dl", { class: "facts" }, ...facts.flatMap((/** @type {any} */ [key, value]) => [element("dt", {}, key), element("dd", {}, element("code", {}, value))]));
  return [
    element("p", { class: `outcome ${told.holds ? "committed" : "rejected"}` }, outcome),
    ...(told.holds ? [element("h4", {}, words("proved")), list] : []),
    table(COLUMNS.rule, language, told.rules.map((/** @type {any} */ rule) => ({ ...rule, state: state(rule) }))),
    element("details", {}, element("summary", {}, words("printed")), element("pre", { tabindex: 0 }, told.printed.join("\n"))),
  ];
}

/**
 * @param {Speech} words
 * @param {string} language
 * @param {string} number
 * @param {any} told
 */
function proof(words, language, number, told) {
  const href = URL.createObjectURL(new Blob([told.file], { type: "application/json" }));
  return [element("p", {}, element("a", { href, download: `proof-${number}.json` }, words("save"))), ...verdict(words, language, told.verdict)];
}

/**
 * @param {Speech} words
 * @param {any} told
 */
function conviction(words, told) {
  const values = { height: told.height, convicted: told.convicted.join(", "), evidence: told.evidence.join(", ") };
  return [element("p", { class: "outcome" }, told.forked ? words("forked", values) : words("not-forked"))];
}

/**
 * @param {Speech} words
 * @param {string} language
 * @param {any[]} all
 */
function rows(words, language, all) {
  const place = element("div", { class: "rows" });
  const draw = (/** @type {string} */ part) => {
    const kept = all.filter((row) => Object.values(row).join(" ").toLowerCase().includes(part.trim().toLowerCase()));
    place.replaceChildren(table(COLUMNS.row, language, kept));
  };
  draw("");
  const filter = element("input", { input: (/** @type {any} */ event) => draw(event.target.value) });
  return [element("label", {}, element("span", {}, words("filter")), filter), place];
}

/**
 * @param {Speech} words
 * @param {any} told
 */
function opening(words, told) {
  const row = (/** @type {string} */ key, /** @type {string} */ value) => [element("dt", {}, words(key)), element("dd", {}, element("code", {}, value))];
  return [element("dl", { class: "facts" }, ...row("sealed", told.sealed), ...row("salt", told.opening.salt))];
}

/**
 * @param {string} language
 * @param {any[]} members those that see the value come first
 */
function readers(language, members) {
  const sees = (/** @type {any} */ row) => Number(row.level === "value");
  return [table(COLUMNS.access, language, [...members].sort((one, other) => sees(other) - sees(one)))];
}

/**
 * @param {Speech} words
 * @param {string} language
 * @param {any[]} all
 */
function noted(words, language, all) {
  if (!all.length) return [element("p", { class: "quiet" }, words("nothing"))];
  return [table(COLUMNS.noted, language, all.map((row) => ({ ...row, by: row.by.join(", ") })))];
}

/**
 * @param {Record<string, string[]>} columns
 * @param {string} language
 * @param {any[]} all
 */
function table(columns, language, all) {
  const head = Object.values(columns).map((words) => element("th", { scope: "col" }, words[language === "zh" ? 1 : 0]));
  const body = all.map((row) => element("tr", {}, ...Object.keys(columns).map((key) => element("td", {}, row[key]))));
  return element("div", { class: "scroll", tabindex: 0 }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}
