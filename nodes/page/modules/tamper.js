/**
 * Tampering: any field of any block is edited on a copy, the forger goes as far as he can, and the real verifier judges.
 */

import { matrixParts } from "./anomalies.js";
import { EditTree, editsOf, withPart } from "./edit.js";
import { element } from "./elements.js";
import { forgedChain, forgedParts, saveFile } from "./forged.js";
import { say } from "./speech.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  copy: [
    "You edit a copy. The ledger that runs is only read: nothing here reaches a node. The verdict is that of tallystick verify --contracts.",
    "您编辑的是副本。运行中的账本只被读取，这里的任何操作都不会到达节点。裁决由 tallystick verify --contracts 的验证器作出。",
  ],
  "no-token": ["To forge, open the address with the lab's token.", "要篡改，请打开带实验令牌的地址。"],
  bound: [
    "Blocks 0 (the genesis) to {last} can be edited; at most {after} blocks behind are forged along.",
    "可编辑区块 0（创世）至 {last}；其后最多 {after} 个区块随之伪造。",
  ],
  block: ["Block", "区块"],
  examples: ["Try", "试一试"],
  "example-value": ["Change one value", "改动一个值"],
  "example-swap": ["Swap two transactions", "交换两笔交易"],
  "example-signature": ["Remove a signature", "去掉一个签名"],
  "example-time": ["Change the time, re-sign with one validator", "改时间，用一位验证者的密钥重签"],
  "example-quorum": ["The same with a quorum", "同上，用法定人数的密钥"],
  "nothing-there": ["Block {height} has nothing for that: no transaction, or too few. Choose another block.", "区块 {height} 中没有可用的内容：没有交易或交易太少。请选择其他区块。"],
  forger: ["How far does the forger go?", "伪造者做到哪一步？"],
  rehash: ["Hash anew: run again, recompute roots, ids and all later links", "重新计算哈希：重新执行，重算各根、标识及其后全部链接"],
  sign: ["Sign anew with these keys", "用这些密钥重新签名"],
  undo: ["Undo", "撤销"],
  afresh: ["Begin afresh", "重新开始"],
  save: ["Save the forged export", "保存伪造的导出文件"],
  "save-conviction": ["Save the conviction, for tallystick verify", "保存定罪文件，供 tallystick verify 验证"],
  command: ["Verify it with", "用此命令验证"],
  "put-back": ["Put {path} back", "恢复 {path}"],
  up: ["Swap with the one before", "与前一项交换"],
  out: ["Take out", "删除"],
  unverifiable: ["No file can hold this: it is not canonical JSON.", "没有文件能保存它：不是规范 JSON。"],
  broken: ["Rule {number}, {rule}, breaks first,", "首先违反规则 {number}（{rule}），"],
  alone: ["By itself the forged chain holds.", "伪造的链单独看成立。"],
  beside: ["Beside the real one it convicts its makers.", "与真实的链对照，则会给伪造者定罪。"],
  holds: ["Everything holds.", "全部成立。"],
  chain: ["The chain", "链"],
  "as-table": ["as a table", "以表格显示"],
  same: ["the real one", "与真实的相同"],
  another: ["another", "不同"],
  id: ["id", "标识"],
  compared: ["compared", "对照"],
  link: ["link to the block before", "与前一区块的链接"],
  contents: ["contents", "内容"],
  certificate: ["certificate", "证书"],
  edited: ["edited", "已编辑"],
  "does-hold": ["✓ holds", "✓ 成立"],
  "does-not": ["× broken", "× 不成立"],
  rules: ["The verifier's rules, in order", "验证器的规则（按顺序）"],
  number: ["no.", "编号"],
  rule: ["rule", "规则"],
  state: ["found", "结果"],
  sentence: ["what it says", "内容"],
  "is-broken": ["broken", "违反"],
  held: ["holds {held}×", "成立 {held} 次"],
  "not-reached": ["not reached", "未到达"],
  nothing: ["nothing to check", "无可检查"],
  changes: ["What changed: {count}", "改动：{count} 处"],
  field: ["field", "字段"],
  before: ["before", "之前"],
  after: ["after", "之后"],
  why: ["why", "原因"],
  "why-edit": ["edited", "编辑"],
  "why-computed": ["follows", "随之改变"],
  "why-signed": ["signing", "签名"],
  matrix: ["The same attacks on other systems: a database, a hash chain, a signed chain", "同样的攻击施于其他系统：数据库、哈希链、签名链"],
  running: ["Every attack is being run; a few seconds …", "正在逐一运行攻击，需几秒钟……"],
  heard: ["What was said", "系统原话"],
};

export class TamperView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.turn = 0;
    this.place = "";
    /** @type {any} the block as the control gave it */
    this.given = null;
    /** @type {{ block: any, rehash: boolean, keys: string[] }[]} the newest last */
    this.steps = [];
    this.head = element("div");
    this.tree = element("section", { class: "edit-tree" });
    this.forger = element("section");
    this.result = element("section", { class: "forged", "aria-live": "polite" });
    const left = element("div", {}, this.forger, this.tree);
    this.chain = element("div");
    this.matrixHead = element("summary");
    this.matrix = element("div");
    this.others = element("details", {}, this.matrixHead, this.matrix);
    this.others.addEventListener("toggle", () => this.#compare().catch((error) => this.page.fail(error)));
    this.root = element("section", { class: "tamper" }, this.head, this.chain, element("div", { class: "columns" }, left, this.result), this.others);
  }

  async show() {
    const turn = ++this.turn;
    const network = this.page.network;
    const newest = Math.max(0, ...network.nodes.map((/** @type {any} */ node) => node.height ?? 0));
    const height = Math.min(Number(this.page.address.block ?? newest) || 0, newest);
    const place = `${network.generation}/${height}`;
    if (place !== this.place) {
      this.given = await this.page.source.get(`/tamper/${height}`);
      if (turn !== this.turn) return;
      this.place = place;
      this.steps = [{ block: this.given.block, rehash: false, keys: [] }];
      this.editor = new EditTree(this.given.block, this.#say, (path, value) => this.#step({ block: withPart(this.#now.block, path, value) }));
      this.chain.replaceChildren();
      this.result.replaceChildren();
    }
    this.#draw();
    this.#compare().catch((error) => this.page.fail(error));
    await this.#judge();
  }

  hide() {}

  update() {}

  get #now() {
    return this.steps[this.steps.length - 1];
  }

  /** @param {{ block?: any, rehash?: boolean, keys?: string[] }} change */
  #step(change) {
    this.steps.push({ ...this.#now, ...change });
    this.#draw();
    this.#judge().catch((error) => this.page.fail(error));
  }

  #draw() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.path;
    this.editor && (this.editor.say = this.#say);
    this.#drawHead();
    this.#drawForger();
    this.tree.replaceChildren(/** @type {EditTree} */ (this.editor).draw(this.#now.block));
    if (focused) /** @type {HTMLElement | null} */ (this.root.querySelector(`[data-path="${CSS.escape(focused)}"]`))?.focus();
  }

  #drawHead() {
    const { height, blocks_max: most } = this.given;
    const last = Math.min(most, Math.max(this.given.head, ...this.page.network.nodes.map((/** @type {any} */ node) => node.height ?? 0)));
    const go = (/** @type {Event} */ event) => this.page.go({ block: String(Math.min(Math.max(Number(/** @type {any} */ (event.target).value), 0), last)) });
    const chooser = element("label", {}, `${this.#say("block")} `, element("input", { type: "number", min: 0, max: last, value: height, change: go, "data-path": "height" }));
    const examples = ["value", "swap", "signature", "time", "quorum"].map((name) =>
      element("button", { type: "button", "data-example": name, disabled: !this.page.canAct, click: () => this.#example(name) }, this.#say(`example-${name}`)));
    this.head.replaceChildren(
      element("p", { class: "banner" }, this.#say("copy"), this.page.canAct ? "" : ` ${this.#say("no-token")}`),
      element("div", { class: "row" }, chooser, element("span", { class: "quiet" }, this.#say("bound", { last, after: this.given.after_max }))),
      element("div", { class: "row" }, element("span", {}, this.#say("examples")), ...examples));
  }

  #drawForger() {
    const { rehash, keys } = this.#now;
    const signers = (this.given.block.transactions ?? []).flatMap((/** @type {any} */ item) => item.body.signers);
    const box = (/** @type {string} */ name, /** @type {string} */ words, /** @type {boolean} */ isOn, /** @type {() => void} */ run) =>
      element("label", { class: "choice" }, element("input", { type: "checkbox", checked: isOn, disabled: !this.page.canAct, change: run, "data-path": name }), ` ${words}`);
    const boxes = [...new Set([...this.given.validators, ...signers])].map((member) => {
      const others = keys.filter((key) => key !== member);
      return box(`key ${member}`, member, keys.includes(member), () => this.#step({ keys: others.length < keys.length ? others : [...keys, member] }));
    });
    const undo = () => (this.steps.pop(), this.#draw(), this.#judge().catch((error) => this.page.fail(error)));
    const afresh = () => ((this.place = ""), this.show().catch((error) => this.page.fail(error)));
    const isFirst = this.steps.length < 2;
    this.forger.replaceChildren(
      element("fieldset", {}, element("legend", {}, this.#say("forger")), box("rehash", this.#say("rehash"), rehash, () => this.#step({ rehash: !rehash })), element("p", {}, this.#say("sign")), ...boxes),
      element("div", { class: "row" },
        element("button", { type: "button", disabled: isFirst, click: undo }, `↶ ${this.#say("undo")}`),
        element("button", { type: "button", disabled: isFirst, click: afresh }, this.#say("afresh")),
        element("button", { type: "button", disabled: isFirst || !this.page.canAct, click: () => this.#save() }, this.#say("save"))));
  }

  get #order() {
    const { block, rehash, keys } = this.#now;
    return { height: this.given.height, edits: editsOf(this.given.block, block), rehash, keys };
  }

  async #judge() {
    if (!this.page.canAct) return;
    const turn = ++this.turn;
    this.result.setAttribute("aria-busy", "true");
    const account = await this.page.source.post("/tamper", this.#order).finally(() => this.result.setAttribute("aria-busy", "false"));
    if (turn !== this.turn) return;
    this.chain.replaceChildren(forgedChain(account, this.#say));
    this.result.replaceChildren(...forgedParts(account, this.#say, this.page.language));
  }

  /** The anomaly matrix, where a lab has it: it is run when somebody first asks. */
  async #compare() {
    this.others.hidden = !this.page.network.extension?.length || !this.page.source.isLive;
    this.matrixHead.textContent = this.#say("matrix");
    if (!this.others.open) return;
    if (!this.table) this.matrix.replaceChildren(element("p", {}, this.#say("running")));
    this.table ??= await this.page.source.get("/anomalies");
    this.matrix.replaceChildren(...matrixParts(this.table, this.page.language, this.#say));
  }

  /** @param {string} name */
  #example(name) {
    const { block, validators, quorum, height } = this.given;
    const calls = block.transactions ?? [];
    const edited = structuredClone(block);
    const fresh = { block: edited, rehash: false, keys: /** @type {string[]} */ ([]) };
    const values = Object.entries(calls[0]?.body.arguments ?? {});
    const [field] = ["number", "string", "boolean"].flatMap((kind) => values.filter(([, value]) => typeof value === kind))[0] ?? [];
    if (name === "time" || name === "quorum") {
      if (!block.header) return this.page.tell(this.#say("nothing-there", { height }));
      edited.header.time += 1;
      Object.assign(fresh, { rehash: true, keys: validators.slice(0, name === "time" ? 1 : quorum) });
    } else if (calls.length < (name === "swap" ? 2 : 1) || (name === "value" && !field)) return this.page.tell(this.#say("nothing-there", { height }));
    else if (name === "swap") edited.transactions.splice(0, 2, calls[1], calls[0]);
    else if (name === "signature") edited.transactions[0].signatures.pop();
    else {
      const parts = edited.transactions[0].body.arguments;
      const value = parts[/** @type {string} */ (field)];
      parts[/** @type {string} */ (field)] = typeof value === "number" ? value + 1 : typeof value === "string" ? `${value}0` : !value;
    }
    this.page.tell("");
    this.#step(fresh);
  }

  async #save() {
    try {
      const { name, export: text } = await this.page.source.post("/tamper/export", this.#order);
      saveFile(name, text);
      this.page.tell(`${this.#say("command")}: tallystick verify ${name} --contracts --ledger ${this.given.ledger}`);
    } catch (error) {
      this.page.fail(error);
    }
  }

  #say = (/** @type {string} */ key, /** @type {Record<string, string | number>} */ values = {}) => say(WORDS, this.page.language, key, values);
}
