/**
 * What the page says, in two languages. Each module keeps its own words, and what several say stands here; `{name}` in them
 * is a place for a value.
 */

/** @typedef {"en" | "zh"} Language */
/** @typedef {Record<string, [string, string]>} Words English and Chinese by key */

/** @type {Words} */
const WORDS = {
  node: ["node", "节点"],
  block: ["block", "区块"],
  "in-block": ["Block {height}", "区块 {height}"],
  height: ["height", "高度"],
  time: ["time", "时间"],
  step: ["step", "步骤"],
  state: ["state", "状态"],
  transactions: ["Transactions", "交易"],
  certificate: ["certificate", "证书"],
  signers: ["Signed by", "签署者"],
  arguments: ["arguments", "参数"],
  record: ["record", "记录"],
  value: ["value", "值"],
  field: ["field", "字段"],
  before: ["before", "之前"],
  after: ["after", "之后"],
  number: ["no.", "编号"],
  rule: ["rule", "规则"],
  sentence: ["what it says", "内容"],
  holds: ["Everything holds.", "全部成立。"],
  refused: ["✗ refused", "✗ 被拒绝"],
  you: ["you", "您"],
  down: ["■ stopped", "■ 已停止"],
  traitor: ["✗ traitor: {kind}", "✗ 叛徒：{kind}"],
  "as-table": ["The same as a table", "同样内容的表格"],
  "time-passes": ["time passes", "时间流逝"],
  play: ["Play", "播放"],
  pause: ["Pause", "暂停"],
  save: ["Save the file", "保存文件"],
  none: ["none", "无"],
  "cannot-act": [
    "Acting needs the lab’s token in the address, and a lab that is not frozen.",
    "操作需要地址中带有实验令牌，且实验未被冻结。",
  ],
};

/**
 * What stands behind a key; one without words is said as it is: a name that somebody else chose.
 * @param {Words} words
 * @param {Language} language
 */
export function say(words, language, key, values = {}) {
  const found = Object.hasOwn(words, key) ? words[key] : Object.hasOwn(WORDS, key) ? WORDS[key] : [key, key];
  return found[language === "zh" ? 1 : 0].replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** `say` in the language that the page has by then. */
export function speaker(page, words) {
  return (key, values) => say(words, page.language, key, values);
}

/** The same instant on every laptop: UTC. `time` is in milliseconds. */
export function instant(time) {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
