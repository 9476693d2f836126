/**
 * Tampering: any field of any block is edited on a copy, the forger goes as far as he can, and the real verifier judges.
 */

import { matrixParts } from "./anomalies.js";
import { EditTree, editsOf, withPart } from "./edit.js";
import { element } from "./elements.js";
import { forgedChain, forgedParts } from "./forged.js";
import { View, folded, saveFile } from "./parts.js";

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
  examples: ["Try", "试一试"],
  "example-value": ["Change one value", "改动一个值"],
  "example-swap": ["Swap two transactions", "交换两笔交易"],
  "example-signature": ["Remove a signature", "去掉一个签名"],
  "example-time": ["Change the time, re-sign with one validator", "改时间，用一位验证者的密钥重签"],
  "example-quorum": ["The same with a quorum", "同上，用法定人数的密钥"],
  "nothing-there": [
    "Block {height} has nothing for that: no transaction, or too few. Choose another block.",
    "区块 {height} 中没有可用的内容：没有交易或交易太少。请选择其他区块。",
  ],
  forger: ["How far does the forger go?", "伪造者做到哪一步？"],
  rehash: ["Hash anew: run again, recompute roots, ids and all later links", "重新计算哈希：重新执行，重算各根、标识及其后全部链接"],
  keys: ["Sign anew with these keys", "用这些密钥重新签名"],
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
  chain: ["The chain", "链"],
  same: ["the real one", "与真实的相同"],
  another: ["another", "不同"],
  id: ["id", "标识"],
  compared: ["compared", "对照"],
  link: ["link to the block before", "与前一区块的链接"],
  contents: ["contents", "内容"],
  edited: ["edited", "已编辑"],
  "does-hold": ["✓ holds", "✓ 成立"],
  "does-not": ["× broken", "× 不成立"],
  rules: ["The verifier's rules, in order", "验证器的规则（按顺序）"],
  state: ["found", "结果"],
  "is-broken": ["broken", "违反"],
  held: ["holds {held}×", "成立 {held} 次"],
  "not-reached": ["not reached", "未到达"],
  nothing: ["nothing to check", "无可检查"],
  changes: ["What changed: {count}", "改动：{count} 处"],
  why: ["why", "原因"],
  "why-edit": ["edited", "编辑"],
  "why-computed": ["follows", "随之改变"],
  "why-signed": ["signing", "签名"],
  matrix: ["The same attacks on other systems: a database, a hash chain, a signed chain", "同样的攻击施于其他系统：数据库、哈希链、签名链"],
  running: ["Every attack is being run; a few seconds …", "正在逐一运行攻击，需几秒钟……"],
  heard: ["What was said", "系统原话"],
};

export class TamperView extends View {
  constructor(page) {
    super(page, "tamper", WORDS);
    this.turn = 0;
    this.place = "";
    /** The block as the control gave it. */
    this.given = null;
    /** What the forger did so far, the newest last. */
    this.steps = [];
    this.head = element("div");
    this.chain = element("div");
    this.forger = element("section");
    this.tree = element("section", { class: "edit-tree" });
    this.result = element("section", { class: "forged", "aria-live": "polite" });
    this.matrix = element("div");
    this.others = folded("", this.matrix);
    this.others.addEventListener("toggle", () => this.run(this.#compare()));
    const columns = element("div", { class: "columns" }, element("div", {}, this.forger, this.tree), this.result);
    this.root.append(this.head, this.chain, columns, this.others);
  }

  async show() {
    const turn = ++this.turn;
    const { network, address, source } = this.page;
    const newest = Math.max(0, ...network.nodes.map((node) => node.height ?? 0));
    const height = Math.min(Number(address.block ?? newest) || 0, newest);
    const place = `${network.generation}/${height}`;
    if (place !== this.place) {
      const given = await source.get(`/tamper/${height}`);
      if (turn !== this.turn) return;
      [this.given, this.place] = [given, place];
      this.steps = [{ block: given.block, rehash: false, keys: [] }];
      const change = (path, value) => this.#step({ block: withPart(this.#now.block, path, value) });
      this.editor = new EditTree(given.block, this.say, change);
      this.chain.replaceChildren();
      this.result.replaceChildren();
    }
    this.#draw();
    this.run(this.#compare());
    await this.#judge();
  }

  get #now() {
    return this.steps.at(-1);
  }

  #step(change) {
    this.steps.push({ ...this.#now, ...change });
    this.#again();
  }

  #again() {
    this.#draw();
    this.run(this.#judge());
  }

  #draw() {
    const focused = document.activeElement?.dataset.path;
    this.#drawHead();
    this.#drawForger();
    this.tree.replaceChildren(this.editor.draw(this.#now.block));
    if (focused) this.root.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus();
  }

  #drawHead() {
    const { height, blocks_max: most, head, after_max: after } = this.given;
    const { canAct, network } = this.page;
    const last = Math.min(most, Math.max(head, ...network.nodes.map((node) => node.height ?? 0)));
    const change = () => this.page.go({ block: String(Math.min(Math.max(Number(number.value), 0), last)) });
    const number = element("input", { type: "number", min: 0, max: last, value: height, change, "data-path": "height" });
    const chooser = element("label", {}, `${this.say("block")} `, number);
    const examples = ["value", "swap", "signature", "time", "quorum"].map((name) =>
      this.button(`example-${name}`, () => this.#example(name), { "data-example": name, disabled: !canAct }));
    this.head.replaceChildren(
      element("p", { class: "banner" }, this.say("copy"), canAct ? "" : ` ${this.say("no-token")}`),
      element("div", { class: "row" }, chooser, element("span", { class: "quiet" }, this.say("bound", { last, after }))),
      element("div", { class: "row" }, element("span", {}, this.say("examples")), ...examples),
    );
  }

  #drawForger() {
    const { rehash, keys } = this.#now;
    const { canAct } = this.page;
    const box = (name, words, checked, change) => {
      const input = element("input", { type: "checkbox", checked, disabled: !canAct, change, "data-path": name });
      return element("label", { class: "choice" }, input, ` ${words}`);
    };
    const signers = (this.given.block.transactions ?? []).flatMap((item) => item.body.signers);
    const boxes = [...new Set([...this.given.validators, ...signers])].map((member) => {
      const others = keys.filter((key) => key !== member);
      const isHeld = others.length < keys.length;
      return box(`key ${member}`, member, isHeld, () => this.#step({ keys: isHeld ? others : [...keys, member] }));
    });
    const undo = () => {
      this.steps.pop();
      this.#again();
    };
    const afresh = () => {
      this.steps.length = 1;
      this.#again();
    };
    const disabled = this.steps.length < 2;
    this.forger.replaceChildren(
      element(
        "fieldset",
        {},
        element("legend", {}, this.say("forger")),
        box("rehash", this.say("rehash"), rehash, () => this.#step({ rehash: !rehash })),
        element("p", {}, this.say("keys")),
        ...boxes,
      ),
      element(
        "div",
        { class: "row" },
        this.button("undo", undo, { disabled }),
        this.button("afresh", afresh, { disabled }),
        this.button("save", () => this.run(this.#save()), { disabled: disabled || !canAct }),
      ),
    );
  }

  get #order() {
    const { block, rehash, keys } = this.#now;
    return { height: this.given.height, edits: editsOf(this.given.block, block), rehash, keys };
  }

  async #judge() {
    if (!this.page.canAct) return;
    const turn = ++this.turn;
    this.result.setAttribute("aria-busy", "true");
    const asking = this.page.source.post("/tamper", this.#order);
    const account = await asking.finally(() => this.result.setAttribute("aria-busy", "false"));
    if (turn !== this.turn) return;
    this.chain.replaceChildren(forgedChain(account, this.say));
    this.result.replaceChildren(...forgedParts(account, this.say, this.page.language));
  }

  /** The anomaly matrix, where a lab has it: it is run when somebody first asks. */
  async #compare() {
    const { network, source, language } = this.page;
    this.others.hidden = !network.extension?.length;
    this.others.firstChild.textContent = this.say("matrix");
    if (!this.others.open) return;
    if (!this.table) this.matrix.replaceChildren(element("p", {}, this.say("running")));
    this.table ??= await source.get("/anomalies");
    this.matrix.replaceChildren(...matrixParts(this.table, language, this.say));
  }

  #example(name) {
    const { validators, quorum, height } = this.given;
    const edited = structuredClone(this.given.block);
    const isDone = EXAMPLES[name](edited, edited.transactions ?? []);
    this.page.tell(isDone ? "" : this.say("nothing-there", { height }));
    const count = { time: 1, quorum }[name] ?? 0;
    if (isDone) this.#step({ block: edited, rehash: count > 0, keys: validators.slice(0, count) });
  }

  async #save() {
    const { name, export: text } = await this.page.source.post("/tamper/export", this.#order);
    saveFile(name, text);
    this.page.tell(`${this.say("command")}: tallystick verify ${name} --contracts --ledger ${this.given.ledger}`);
  }
}

/** Each edits a block and its transactions, and tells whether there was anything for it. */
const EXAMPLES = {
  value: (_, [call]) => {
    const given = call?.body.arguments ?? {};
    const names = Object.keys(given);
    const field = ["number", "string", "boolean"].flatMap((kind) => names.filter((name) => typeof given[name] === kind))[0];
    if (field) given[field] = otherThan(given[field]);
    return field;
  },
  swap: (_, calls) => calls.length > 1 && calls.splice(0, 2, calls[1], calls[0]),
  signature: (_, [call]) => call?.signatures.pop(),
  time: ({ header }) => header && (header.time += 1),
  quorum: ({ header }) => header && (header.time += 1),
};

function otherThan(value) {
  return typeof value === "number" ? value + 1 : typeof value === "string" ? `${value}0` : !value;
}
