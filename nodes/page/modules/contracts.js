/**
 * Contracts: what each operation takes and who must sign it, as a form; sent by members whose keys the lab holds.
 */

import { writeAddress } from "./address.js";
import { itemLink, outcomeOf } from "./details.js";
import { element } from "./elements.js";
import { schemaForm } from "./form.js";
import { View, folded, formOf, options, outcome, quiet } from "./parts.js";
import { fields, saidTable } from "./values.js";

export class ContractsView extends View {
  constructor(page) {
    super(page, "contracts", "contracts columns");
    this.drawn = "";
    this.list = element("section");
    this.form = element("section", { class: "detail" });
    this.answer = element("div", { class: "answer", role: "status" });
    /** What was sent and is not decided yet. */
    this.pending = null;
    this.root.append(this.list, this.form);
  }

  async show() {
    const first = this.form.querySelector("select.signer");
    if (first) first.value = this.page.address.role ?? ""; // at once: whoever chose a role may send in the next moment
    const { contracts } = await this.page.source.get("/v1/contracts");
    this.list.replaceChildren(...contracts.map((contract) => this.#contract(contract)));
    const [asked, name] = (this.page.address.operation ?? "").split(".");
    const contract = contracts.find((one) => one.name === asked);
    const operation = contract?.operations.find((one) => one.name === name);
    const { language, canAct, members, network } = this.page;
    const state = [asked, name, language, canAct, members.length, network.generation].join();
    if (state === this.drawn) return; // what is typed stays
    this.drawn = state;
    this.pending = null;
    this.answer.replaceChildren();
    this.form.replaceChildren(...(operation ? this.#operation(contract, operation) : [quiet(this.say("choose"))]));
  }

  /** Asks what became of that which is pending. */
  update() {
    const { pending } = this;
    if (!pending || pending.isAsked) return;
    pending.isAsked = true;
    const asking = this.page.source.get(`/v1/transactions/${pending.transaction}`).finally(() => (pending.isAsked = false));
    this.run(asking.then((status) => pending === this.pending && status.status !== "pending" && this.#tell(status)));
  }

  #contract(contract) {
    const { address, language } = this.page;
    const links = (contract.operations ?? []).map((one) => {
      const operation = `${contract.name}.${one.name}`;
      const here = operation === address.operation && "true";
      const words = [one.words[language].title, element("small", {}, element("code", {}, one.name))];
      return element("li", {}, element("a", { href: writeAddress(address, { operation }), "aria-current": here }, ...words));
    });
    const refusals = Object.entries(contract.refusals ?? {});
    const rules = refusals.map(([code, words]) => [element("code", {}, code), words[language] ?? words.en]);
    const missing = contract.is_installed === false ? ` ${this.say("missing")}` : null;
    const { title, text } = contract.words?.[language] ?? { title: contract.name, text: "" };
    const whole = folded(
      [element("h2", {}, title), " ", element("code", {}, contract.name), missing],
      element("p", {}, text),
      element("ul", { class: "operations" }, ...links),
      rules.length ? folded(this.say("rules"), saidTable(this.say, ["code", "sentence"], rules, this.say("rules"))) : null,
    );
    whole.open = Boolean(contract.module || address.operation?.startsWith(`${contract.name}.`));
    return whole;
  }

  #operation(contract, operation) {
    const { title, text } = operation.words[this.page.language];
    const form = schemaForm(operation.arguments, this.page.language, contract);
    const signers = this.#signers();
    const send = element("button", { class: "main" }, this.say("send"));
    const submit = async () => {
      send.disabled = true;
      this.pending = null;
      this.answer.replaceChildren(this.say("sending"));
      const order = { signers: signers.read(), contract: contract.name, operation: operation.name, arguments: form.read() };
      await this.page.source.post("/submit", order).catch((problem) => ({ problem })).then((status) => this.#tell(status));
      send.disabled = false;
    };
    const members = this.page.members.map(({ member }) => element("option", { value: member }, this.page.named(member)));
    const sending = this.page.canAct ? [signers.node, send] : [quiet(this.say("look-only"))];
    const signed = this.say("signed", { whom: operation.signers[this.page.language] });
    return [
      element("h2", {}, title, " ", element("small", {}, element("code", {}, `${contract.name}.${operation.name}`))),
      element("p", {}, text),
      element("p", {}, signed, " ", element("small", {}, element("code", {}, operation.signed_by))),
      element("datalist", { id: "members" }, ...members),
      formOf(submit, { novalidate: true }, form.node, ...sending),
      this.answer,
    ];
  }

  #signers() {
    const names = ["", ...this.page.members.map(({ member }) => member)];
    const rows = element("div", { class: "row" });
    const add = (chosen) => {
      const label = this.say("signer", { number: rows.children.length + 1 });
      const choices = options(names, chosen, (one) => this.page.named(one));
      rows.append(element("select", { class: "signer", "aria-label": label }, ...choices));
    };
    add(this.page.address.role ?? "");
    const more = this.button("more-signers", () => add(""));
    const read = () => [...new Set([...rows.querySelectorAll("select")].map((select) => select.value))].filter(Boolean);
    return { node: element("fieldset", {}, element("legend", {}, this.say("signers")), rows, more), read };
  }

  /** Says what became of what was sent: a receipt, a problem at the door, or that it is pending. */
  async #tell(status) {
    const isPending = status.status === "pending";
    this.pending = isPending ? status : null;
    const parts = status.problem ? this.#refused(status.problem)
      : status.receipt ? await this.#receipt(status)
      : isPending ? this.#waits()
      : [outcome("rejected", this.say("lost"))];
    this.answer.replaceChildren(...parts);
  }

  async #receipt(status) {
    const { transaction, outcome: end, writes, ...receipt } = status.receipt;
    const again = element("p", { role: "status" });
    return [
      await outcomeOf(this.page, status.receipt, status.sentence),
      element("p", {}, itemLink(this.page, `transaction/${transaction}`, this.say("in-block", status.place))),
      fields({ ...receipt, writes: end === "rejected" ? this.say("unwritten") : writes }),
      this.button("again", () => this.run(this.#again(status.place, again))),
      again,
    ];
  }

  #waits() {
    const { address, network, language } = this.page;
    const href = writeAddress(address, { view: "consensus", step: "" });
    const link = element("a", { href }, this.say("why-pending"));
    return [outcome("pending", "… ", this.say("pending")), element("p", {}, network.why?.[language] ?? "", " ", link)];
  }

  #refused({ code, detail, details, meaning }) {
    const said = this.say("door", { detail: meaning || this.page.named(detail) });
    return [
      outcome("rejected", "✗ ", element("code", {}, code), " ", said),
      element("p", {}, this.say("door-note")),
      details ? fields(details) : "",
    ];
  }

  async #again({ height, position }, place) {
    const block = await this.page.source.get(`/v1/blocks/${height}`);
    const second = await this.page.source.post("/v1/transactions", block.transactions[position]);
    place.textContent = this.say("same", { status: second.status, height: second.place.height });
  }
}
