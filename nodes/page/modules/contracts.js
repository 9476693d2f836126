/**
 * Contracts: what each operation takes and who must sign it, as a form; sent by members whose keys the lab holds.
 */

import { writeAddress } from "./address.js";
import { itemLink, outcome } from "./details.js";
import { element } from "./elements.js";
import { schemaForm } from "./form.js";
import { speaker } from "./speech.js";
import { fields, plain, table } from "./values.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  signed: ["Signed by {whom}.", "须由{whom}签署。"],
  anyone: ["any member", "任一成员"],
  role: ["a member with the role {name}", "角色为 {name} 的成员"],
  member: ["{member}", " {member} "],
  organization: ["a member of {name}", "{name} 的成员"],
  "any-of": ["one of: {parts}", "其中之一（{parts}）"],
  "all-of": ["all of: {parts}", "全部（{parts}）"],
  "out-of": ["{count} of: {parts}", "其中 {count} 个（{parts}）"],
  rules: ["Rules that refuse", "会拒绝的规则"],
  code: ["code", "代码"],
  sentence: ["sentence", "说明"],
  missing: ["not installed at this node", "本节点未安装"],
  choose: ["Choose an operation.", "请选择一个操作。"],
  signers: ["Signed by", "签署者"],
  signer: ["signer {number}", "签署者 {number}"],
  "more-signers": ["Another signer", "再加一名签署者"],
  send: ["Sign and send", "签署并发送"],
  sending: ["Sent; waiting for the receipt …", "已发送；等待收据……"],
  "look-only": ["Nothing can be sent from here: this page holds no token of a lab.", "此处不能发送：本页没有实验室令牌。"],
  door: ["Not taken: {detail}", "未被接收：{detail}"],
  "door-note": ["It never came onto the ledger.", "它没有进入账本。"],
  place: ["In block {height}", "位于区块 {height}"],
  again: ["Send the same envelope again", "再次发送同一信封"],
  same: [
    "The same answer as before: {status} in block {height}. Nothing happened twice.",
    "与先前相同的应答：{status}，区块 {height}。没有发生第二次。",
  ],
};

export class ContractsView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.say = speaker(page, WORDS);
    this.drawn = "";
    this.list = element("section");
    this.form = element("section", { class: "detail" });
    this.root = element("section", { class: "contracts columns" }, this.list, this.form);
  }

  async show() {
    const { contracts } = await this.page.source.get("/v1/contracts");
    this.list.replaceChildren(...contracts.map((/** @type {any} */ contract) => this.#contract(contract)));
    const [asked, name] = (this.page.address.operation ?? "").split(".");
    const contract = contracts.find((/** @type {any} */ one) => one.name === asked);
    const operation = contract?.operations.find((/** @type {any} */ one) => one.name === name);
    const { language, canAct, address, members } = this.page;
    const state = [asked, name, language, canAct, members.length, this.page.network.generation].join();
    if (state === this.drawn) return this.#sign(address.role ?? ""); // what is typed stays
    this.drawn = state;
    this.form.replaceChildren(...(operation ? this.#operation(contract, operation) : [element("p", { class: "quiet" }, this.say("choose"))]));
  }

  hide() {}

  update() {}

  /** @param {string} role who signs first from now on */
  #sign(role) {
    const first = this.form.querySelector("select.signer");
    if (first) /** @type {HTMLSelectElement} */ (first).value = role;
  }

  /** @param {any} contract */
  #contract(contract) {
    const links = (contract.operations ?? []).map((/** @type {any} */ { name }) => {
      const operation = `${contract.name}.${name}`;
      const isHere = operation === this.page.address.operation;
      return element("li", {}, element("a", { href: writeAddress(this.page.address, { operation }), "aria-current": isHere && "true" }, name));
    });
    const rules = Object.entries(contract.refusals ?? {}).map(([code, words]) => [element("code", {}, code), words[this.page.language] ?? words.en]);
    const isOpen = contract.module || this.page.address.operation?.startsWith(`${contract.name}.`);
    return element(
      "details",
      { open: Boolean(isOpen) },
      element("summary", {}, element("h2", {}, contract.name), contract.is_installed === false ? ` ${this.say("missing")}` : null),
      element("p", {}, contract.description ?? ""),
      element("ul", { class: "operations" }, ...links),
      rules.length ? element("details", {}, element("summary", {}, this.say("rules")), table([this.say("code"), this.say("sentence")], rules, this.say("rules"))) : null,
    );
  }

  /**
   * @param {any} contract
   * @param {any} operation
   * @returns {Node[]}
   */
  #operation(contract, operation) {
    const form = schemaForm(operation.arguments, this.page.language);
    const answer = element("div", { class: "answer", role: "status" });
    const signers = this.#signers();
    const send = element("button", { class: "main" }, this.say("send"));
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      send.disabled = true;
      answer.replaceChildren(this.say("sending"));
      const order = { signers: signers.read(), contract: contract.name, operation: operation.name, arguments: form.read() };
      const parts = await this.page.source.post("/submit", order).then((status) => this.#answer(status), (problem) => this.#refused(problem));
      answer.replaceChildren(...parts);
      send.disabled = false;
    };
    const members = this.page.members.map(({ member, name }) => element("option", { value: member }, name ?? member));
    return [
      element("h2", {}, `${contract.name}.${operation.name}`),
      element("p", {}, operation.description),
      element("p", {}, this.say("signed", { whom: this.#policy(operation.policy) }), " ", element("code", {}, operation.signed_by)),
      element("datalist", { id: "members" }, ...members),
      element("form", { novalidate: true, submit }, form.node, ...(this.page.canAct ? [signers.node, send] : [element("p", { class: "quiet" }, this.say("look-only"))])),
      answer,
    ];
  }

  /** @returns {import("./form.js").Field} */
  #signers() {
    const { members, address } = this.page;
    const rows = element("div", { class: "row" });
    const add = (/** @type {string} */ chosen) => {
      const label = this.say("signer", { number: rows.children.length + 1 });
      const options = members.map(({ member }) => element("option", { value: member, selected: member === chosen }, member));
      rows.append(element("select", { class: "signer", "aria-label": label }, element("option", { value: "" }, "—"), ...options));
    };
    add(address.role ?? "");
    const more = element("button", { type: "button", click: () => add("") }, this.say("more-signers"));
    const read = () => [...new Set([...rows.querySelectorAll("select")].map((select) => select.value))].filter(Boolean);
    return { node: element("fieldset", {}, element("legend", {}, this.say("signers")), rows, more), read };
  }

  /** @param {any} status of a transaction, or the problem at the door */
  async #answer(status) {
    if (status.problem) return this.#refused(status.problem);
    const { height } = status.place;
    const { transaction, outcome: _, ...receipt } = status.receipt;
    const again = element("p", { role: "status" });
    const button = element("button", { type: "button", click: () => this.#again(status, again) }, this.say("again"));
    return [
      await outcome(this.page, status.receipt, status.sentence),
      element("p", {}, itemLink(this.page, `transaction/${transaction}`, this.say("place", { height }))),
      fields(receipt),
      button,
      again,
    ];
  }

  /** @param {{ code: string, detail: string, details?: Record<string, any> }} problem */
  #refused(problem) {
    const said = element("p", { class: "outcome rejected" }, "✗ ", element("code", {}, problem.code), " ", this.say("door", { detail: plain(problem.detail) }));
    return [said, element("p", {}, this.say("door-note")), problem.details ? fields(problem.details) : ""];
  }

  /**
   * @param {any} status
   * @param {HTMLElement} place
   */
  async #again(status, place) {
    try {
      const block = await this.page.source.get(`/v1/blocks/${status.place.height}`);
      const second = await this.page.source.post("/v1/transactions", block.transactions[status.place.position]);
      place.textContent = this.say("same", { status: second.status, height: second.place.height });
    } catch (error) {
      this.page.fail(error);
    }
  }

  /**
   * @param {any} policy
   * @returns {string}
   */
  #policy(policy) {
    const parts = (policy.parts ?? []).map((/** @type {any} */ part) => this.#policy(part));
    return this.say(policy.policy, { ...policy, parts: parts.join(this.page.language === "zh" ? "；" : "; ") });
  }
}
