/**
 * One thing of the ledger in full: a block, a transaction, a record with its history and the proof that leads to the genesis.
 */

import { writeAddress } from "./address.js";
import { element } from "./elements.js";
import { fileLink, folded, formOf, outcome, quiet } from "./parts.js";
import { Unproved, checkProof, digestOf } from "./proofs.js";
import { canonical } from "./source.js";
import { instant, speaker } from "./speech.js";
import { fields, plain, saidTable, short, shown, stressed, table } from "./values.js";

/** Fields of a header in the order in which they are spoken of. */
const ROOTS = ["transactions_root", "receipts_root", "state_root", "history_root"];
const HEADER = ["id", "parent", "ledger", "time", "proposer", ...ROOTS, "validators", "next_validators"];

/** Where this tab keeps the digest that its reader typed, once a proof led to it. */
const TYPED = "tallystick-genesis";

/** Each method gives the parts of one thing. */
export class Details {
  constructor(page) {
    this.page = page;
    this.say = speaker(page, "details");
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
      saidTable(say, ["certificate", "view", "signers"], certificates, say("decision")),
    ];
  }

  async transaction(id) {
    const { say, page } = this;
    const status = await page.source.get(`/v1/transactions/${id}${page.source.isLive ? "?proof=true" : ""}`);
    if (!status.place) return [element("h2", {}, say(status.status)), element("code", {}, id)];
    const { height, position } = status.place;
    const block = await page.source.get(`/v1/blocks/${height}`);
    const title = element("h2", {}, itemLink(page, `block/${height}`, say("in-block", { height })));
    const [envelope, receipt] = [block.transactions[position], block.receipts[position]];
    const { proof } = status;
    const isShown = () =>
      proof.transaction?.kind === "transaction" && proof.receipt.kind === "receipt" && receipt.transaction === id &&
      digestOf("transaction", envelope.body) === id && proof.receipt.header.height === height &&
      canonical([envelope, receipt]) === canonical([proof.transaction.value, proof.receipt.value]);
    const check = proof?.transaction ? this.#check("transaction", [proof.transaction, proof.receipt], isShown) : [];
    return [title, await this.#call(envelope, receipt), ...check];
  }

  async record(contract, collection, key) {
    const { say, page } = this;
    const path = `/v1/state/${contract}/${collection}/${encodeURIComponent(key)}`;
    const { history } = await page.source.get(`${path}/history`);
    const asked = page.source.isLive ? page.source.get(`${path}?proof=true`) : {};
    const { proof } = await Promise.resolve(asked).catch((error) => (error.proof ? error : Promise.reject(error)));
    const value = (proof ? proof.value : history[0]?.value) ?? null;
    const isShown = () => canonical([proof.contract, proof.collection, proof.key]) === canonical([contract, collection, key]);
    const rows = history.map((write) => {
      const height = itemLink(page, `block/${write.height}`, String(write.height));
      return [height, instant(write.time), write.value === null ? say("deleted") : shown(write.value)];
    });
    return [
      element("h2", {}, say("record", { key: plain(key) })),
      quiet(`${contract} / ${collection}`),
      value === null ? element("p", {}, say("no-record")) : shown(value),
      element("h3", {}, say("history")),
      saidTable(say, ["height", "time", "value"], rows, say("history")),
      ...(proof?.header ? [...await this.#proof(proof), ...this.#check(proof.kind, [proof], isShown)] : []),
    ];
  }

  /** What was asked, by whom, and what came of it. */
  async #call(envelope, receipt) {
    const { say, page } = this;
    const { contract, operation, signers, arguments: given } = envelope.body;
    const link = itemLink(page, `transaction/${receipt.transaction}`, `${contract}.${operation}`);
    const rows = { [say("signers")]: signers.map((one) => page.named(one)), [say("arguments")]: given };
    if (receipt.events.length) rows[say("events")] = receipt.events.map((event) => ({ [event.name]: event.data }));
    const title = element("h4", {}, link, " ", short(receipt.transaction));
    return element("article", { class: `call ${receipt.outcome}` }, title, await outcomeOf(page, receipt), fields(rows));
  }

  /** A proof of a value, step by step. */
  async #proof(proof) {
    const { say, page } = this;
    const { header, certificate, path, trust, kind } = proof;
    const { validators, q } = await page.source.get(`/v1/validators?height=${header.height}`);
    const names = signersOf(certificate, validators);
    const count = path.steps.reduce((sum, step) => sum + Object.keys(step).length, 0);
    const code = (text) => element("code", {}, text);
    const steps = [
      kind === "absence" ? [say("no-leaf")] : [say("leaf"), fields(path.leaf)],
      [folded(say("path", { levels: path.steps.length, count }), shown(path.steps))],
      [say("root", { height: header.height }), code(header.state_root)],
      [say("header"), code(certificate.block)],
      [say("quorum", { count: certificate.signers.length, names, quorum: q })],
      [say("trust", { count: trust.length })],
    ];
    return [
      element("h3", {}, ...stressed(say(`proof-${kind}`, { height: header.height }), proof.key)),
      element("ol", { class: "proof" }, ...steps.map((parts) => element("li", {}, ...parts.flatMap((part) => [part, " "])))),
    ];
  }

  /** The check of proofs by this page, from a digest that its reader types. `isShown`: whether they speak of what is shown. */
  #check(kind, proofs, isShown) {
    const { say, page } = this;
    const [words, value] = [say("digest"), sessionStorage.getItem(TYPED) ?? ""];
    const plainText = { autocomplete: "off", spellcheck: "false" };
    const input = element("input", { name: "genesis", value, placeholder: words, "aria-label": words, ...plainText });
    const result = element("div", { role: "status" });
    const check = async () => {
      const ledger = input.value.trim().toLowerCase();
      const { genesis } = await page.source.get("/v1/blocks/0");
      result.replaceChildren(...this.#verdict(kind, proofs, isShown, genesis, ledger));
    };
    const button = element("button", {}, say("do-check"));
    const form = formOf(() => check().catch((error) => page.fail(error)), { class: "row" }, input, button);
    const proof = proofs.at(-1);
    const link = fileLink(`proof-${proof.key ?? proof.kind}.json`, canonical(proof), say("download"));
    return [element("h3", {}, say("check")), quiet(say("check-why")), form, result, element("p", {}, link)];
  }

  /** What was found, what did not have to be believed for it, and what is still believed. */
  #verdict(kind, proofs, isShown, genesis, ledger) {
    const { say } = this;
    try {
      const found = proofs.map((proof) => checkProof(proof, genesis, ledger)).at(-1);
      if (!isShown()) throw new Unproved("shape");
      sessionStorage.setItem(TYPED, ledger);
      const values = { ...found, names: found.names.join(", "), height: proofs.at(-1).header.height };
      const list = (...keys) => element("ul", {}, ...keys.map((each) => element("li", {}, say(each, values))));
      const still = ["believe-digest", "believe-code", kind === "transaction" ? "believe-contract" : "believe-newest"];
      return [
        outcome("committed", "✓ ", ...stressed(say(`proved-${kind}`, values), proofs.at(-1).key)),
        element("p", {}, say("not-believed")), list("told-genesis", "told-trust", "told-certificate", "told-path"),
        element("p", {}, say("believed")), list(...still),
      ];
    } catch (error) {
      if (!(error instanceof Unproved)) throw error;
      return [outcome("rejected", `✗ ${say("not-proved", { why: say(`broken-${error.rule}`) })}`)];
    }
  }
}

/** Committed, or rejected with its rule and the rule's sentence, which is asked for if it is not known. */
export async function outcomeOf(page, receipt, sentence) {
  const word = speaker(page, "details")(receipt.outcome);
  if (receipt.outcome === "committed") return outcome("committed", `✓ ${word}`);
  const told = sentence ?? (await page.source.get(`/v1/transactions/${receipt.transaction}`).catch(() => ({}))).sentence ?? "";
  return outcome("rejected", `✗ ${word} `, element("code", {}, receipt.code), " ", page.named(told));
}

/** Leads to an item in full: `block/5`, `transaction/ID`, `record/CONTRACT/COLLECTION/KEY`. */
export function itemLink(page, item, text) {
  return element("a", { href: writeAddress(page.address, { view: "ledger", item }) }, plain(text));
}

function signersOf(certificate, validators) {
  return certificate.signers.map((index) => validators[index]?.member ?? index).join(", ");
}
