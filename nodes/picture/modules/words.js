/**
 * What the page says, in two languages. `{name}` is a place for a value.
 */

/** @typedef {"en" | "zh"} Language */

/** @type {Record<string, [string, string]>} English and Chinese by key */
const WORDS = {
  // The page
  diagram: ["Space-time diagram: a lane a node, time runs to the right", "时空图：一行一个节点，时间向右"],
  controls: ["Controls", "控制"],
  summary: ["{records} records of {nodes} nodes, {seconds} s", "{nodes} 个节点，{records} 条记录，{seconds} 秒"],
  verdict: ["Verdict on the whole run: {verdict}", "整次运行的结论：{verdict}"],
  statements: ["Who said what, and who holds which certificate", "谁说了什么，谁持有哪张证书"],
  height: ["height {height}", "高度 {height}"],
  records: ["The same as a table", "同样内容的表格"],
  number: ["#", "#"],
  time: ["ms", "毫秒"],
  node: ["node", "节点"],
  what: ["what", "事件"],
  view: ["view {view}", "视图 {view}"],
  "decided-row": ["decided", "已决定"],
  nothing: ["nothing yet", "尚无"],
  traitor: ["traitor", "叛徒"],
  down: ["down", "停机"],
  "at-height": ["height {height}, view {view}", "高度 {height}，视图 {view}"],
  hidden: ["Not drawn: {counts}.", "未画出：{counts}。"],
  "hidden-count": ["{count} {kind}", "{kind} {count}"],
  "too-many": [
    "{count} messages do not fit this zoom; press + to see them",
    "{count} 条消息在此缩放下放不下，按 + 放大可见",
  ],
  // Lights
  safety: ["Safety", "安全性"],
  liveness: ["Liveness", "活性"],
  "safety-held": ["No two blocks at one height so far", "至此没有一个高度出现两个区块"],
  "safety-broken": ["Broken", "已被破坏"],
  "breach-two-blocks": [
    "Height {height}: {first} decided {one}, {second} decided {two}",
    "高度 {height}：{first} 决定了 {one}，{second} 决定了 {two}",
  ],
  "breach-two-notarized": ["Height {height}, view {view}: two blocks notarized", "高度 {height} 视图 {view}：两个区块都得到公证"],
  "breach-skip-and-commit": [
    "Height {height}, view {view}: skipped by a quorum and committed by a quorum",
    "高度 {height} 视图 {view}：既有法定人数跳过，又有法定人数提交",
  ],
  "breach-diverged": ["{node} computed other results at height {height} and stopped", "{node} 在高度 {height} 算出不同结果并停止"],
  "breach-failure": ["The checker: {why}", "检查器：{why}"],
  "live-rest": ["Height {height}: nobody has said anything yet", "高度 {height}：尚无人发言"],
  "live-moving": ["Height {height}: open for {ms} ms, view {view}", "高度 {height}：已进行 {ms} 毫秒，视图 {view}"],
  "live-waiting": [
    "Height {height}: waiting for {ms} ms, view {view}, {timeouts} timeouts",
    "高度 {height}：已等待 {ms} 毫秒，视图 {view}，超时 {timeouts} 次",
  ],
  "live-down": ["; down: {nodes}", "；停机：{nodes}"],
  // Kinds of messages and what they are called in labels
  propose: ["proposal", "提案"],
  vote: ["vote", "投票"],
  final: ["final", "终结"],
  skip: ["skip", "跳过"],
  certificate: ["certificate", "证书"],
  other: ["gossip, status", "传播与状态"],
  "label-propose": ["propose", "提案"],
  "label-vote": ["vote", "投票"],
  "label-final": ["final", "终结"],
  "label-skip": ["skip", "跳过"],
  "label-notar-cert": ["NotarCert", "公证证书"],
  "label-skip-cert": ["SkipCert", "跳过证书"],
  "label-commit-cert": ["CommitCert", "提交证书"],
  "label-block": ["block", "区块"],
  "label-decided": ["decided", "决定"],
  "label-transactions": ["transactions", "交易"],
  "label-status": ["status", "状态"],
  "label-fetch": ["fetch", "索取"],
  // Marks on a lane
  "mark-notar": ["NotarCert: a quorum voted", "公证证书：法定人数已投票"],
  "mark-skip": ["SkipCert: a quorum skipped", "跳过证书：法定人数已跳过"],
  "mark-commit": ["CommitCert: a quorum said final", "提交证书：法定人数已终结"],
  "mark-decided": ["block decided, with its height", "区块已决定（数字为高度）"],
  "mark-timeout": ["timer fired", "计时器到点"],
  "mark-drop": ["message lost", "消息丢失"],
  "mark-crash": ["crash, until restart", "崩溃，直到重启"],
  "mark-trouble": ["something refused, or evidence", "有内容被拒，或有证据"],
  "mark-betrayal": ["a traitor breaks the rules", "叛徒违反规则"],
  // Sentences about records
  "say-start": ["starts at height {height}", "启动，高度 {height}"],
  "say-crash": ["crashes", "崩溃"],
  "say-crash-lost": ["crashes; {lost_writes} writes were not durable and are lost", "崩溃；{lost_writes} 次写入未落盘，已丢失"],
  "say-lost-end": ["its database lost its end: it asks the others", "数据库末尾丢失：先询问其他节点"],
  "say-recovered": ["has its voting mark back", "恢复投票资格"],
  "say-sent": ["sends to {to}: {labels}", "发给 {to}：{labels}"],
  "say-received": ["receives from {from}: {labels}", "收到 {from} 的：{labels}"],
  "say-dropped": ["does not get from {from}: {labels} ({why})", "没有收到 {from} 的：{labels}（{why}）"],
  "say-dropped-sent": ["does not reach {to}: {labels} ({why})", "未能送达 {to}：{labels}（{why}）"],
  "say-certificate-notar": ["holds the NotarCert of {height}/{view} for {block}", "持有 {height}/{view} 的公证证书，区块 {block}"],
  "say-certificate-skip": ["holds the SkipCert of {height}/{view}", "持有 {height}/{view} 的跳过证书"],
  "say-certificate-commit": ["holds the CommitCert of {height}/{view} for {block}", "持有 {height}/{view} 的提交证书，区块 {block}"],
  "say-view": ["enters view {view} of height {height}", "进入高度 {height} 的视图 {view}"],
  "say-timeout": ["waited long enough: the timer of {height}/{view} fires", "等待已久：{height}/{view} 的计时器到点"],
  "say-build": ["builds block {block} with {transactions} transactions", "构建区块 {block}，含 {transactions} 笔交易"],
  "say-commit": ["writes block {block} of height {height}", "写入高度 {height} 的区块 {block}"],
  "say-decided": ["has decided height {height}: {block}, durable", "已决定高度 {height}：{block}，已落盘"],
  "say-evidence": ["holds evidence against {signer}: two statements that exclude each other", "持有 {signer} 自相矛盾的证据"],
  "say-invalid-block": ["refuses block {block}: {code}", "拒绝区块 {block}：{code}"],
  "say-diverged": ["stops: it computed other results at height {height}", "停止：在高度 {height} 算出不同结果"],
  "say-dropped-unread": ["drops a {message} of {sender}: {code}", "丢弃 {sender} 的 {message}：{code}"],
  "say-refused-transaction": ["refuses a transaction: {code}", "拒绝一笔交易：{code}"],
  "say-set-aside": ["sets transaction {transaction} aside", "搁置交易 {transaction}"],
  "say-cannot-build": ["cannot build a block: {code}", "无法构建区块：{code}"],
  "say-betrayal": ["breaks the rules: {act}", "违反规则：{act}"],
  "say-link-down": ["cannot reach {peer}", "联系不上 {peer}"],
  "say-link-up": ["reaches {peer} again", "重新联系上 {peer}"],
  "say-fault": ["its links are changed by hand", "其链路被人为改动"],
  "say-partition": ["the network falls apart", "网络分裂"],
  "say-heal": ["the network is whole again", "网络恢复"],
  "say-clock": ["the clock is set", "时钟被调整"],
  "why-loss": ["lost", "丢失"],
  "why-partition": ["cut off", "网络分隔"],
  "why-clog": ["link clogged", "链路堵塞"],
  "why-down": ["receiver is down", "接收方停机"],
  "why-refused": ["refused", "被拒收"],
  "why-full": ["queue full", "队列已满"],
  // Controls and keys
  "do-back": ["Step back", "后退一步"],
  "do-forward": ["Step forward", "前进一步"],
  "do-event-back": ["Previous event", "上一事件"],
  "do-event-forward": ["Next event", "下一事件"],
  "do-decision-back": ["Previous decision", "上一次决定"],
  "do-decision-forward": ["Next decision", "下一次决定"],
  "do-first": ["First record", "第一条记录"],
  "do-last": ["Last record", "最后一条记录"],
  "do-breach": ["Where safety broke", "安全性被破坏处"],
  "do-play": ["Play", "播放"],
  "do-pause": ["Pause", "暂停"],
  "do-slower": ["Slower", "减速"],
  "do-faster": ["Faster", "加速"],
  "do-in": ["Zoom in", "放大"],
  "do-out": ["Zoom out", "缩小"],
  "do-language": ["中文 / English", "English / 中文"],
  "other-language": ["中文", "English"],
  "do-order": ["A column a record, or by time", "每条记录一列，或按时间"],
  "do-theme": ["Light or dark", "明暗主题"],
  "do-kinds": ["Show or hide a kind of message", "显示或隐藏一类消息"],
  "do-help": ["Keys and signs", "按键与图例"],
  "do-close": ["Close", "关闭"],
  position: ["Record {number} of {count}", "第 {number} 条，共 {count} 条"],
  speed: ["{speed} ms a second", "每秒 {speed} 毫秒"],
  "speed-order": ["{speed} records a second", "每秒 {speed} 条记录"],
  window: ["{span} ms in view", "可见 {span} 毫秒"],
  "window-order": ["{span} records in view", "可见 {span} 条记录"],
  key: ["key", "按键"],
  does: ["does", "作用"],
  sign: ["sign", "图例"],
  means: ["means", "含义"],
  notes: ["How to read it", "如何阅读"],
  "note-time": [
    "Times are milliseconds since the first record; with a column a record, the numbers below are those of the records. What lies after the cursor has not happened yet and is not drawn.",
    "时间为自第一条记录起的毫秒数；若每条记录一列，下方数字为记录编号。光标之后的内容尚未发生，不画出。",
  ],
  "note-arrows": [
    "An arrow is one batch of messages, coloured by the weightiest of them. Where on its way a message was lost is not known: the cross stands near the sender; at the receiver if that was down or full.",
    "一支箭头是一批消息，颜色取其中最重要的一条。消息在途中何处丢失并不可知：叉号画在发送方附近；若接收方停机或队列已满则画在接收方。",
  ],
  "note-lights": [
    "Safety is judged from the honest nodes’ records alone: one block a height, one notarized block a view, never skipped and committed in one view. Liveness says what is being waited for; waiting is no breach, for it may end.",
    "安全性只依据诚实节点的记录判断：一个高度一个区块，一个视图至多公证一个区块，同一视图不会既跳过又提交。活性只说明在等什么；等待并非违规，因为它可能结束。",
  ],
};

/**
 * @param {Language} language
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 * @returns {string} the sentence; the key itself if the dictionary lacks it
 */
export function say(language, key, values = {}) {
  const sentence = WORDS[key]?.[language === "zh" ? 1 : 0] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function isWord(key) {
  return Object.hasOwn(WORDS, key);
}
