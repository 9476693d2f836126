/**
 * Tools of a lab for whoever has only a browser: they verify a file, convict by two, read an export, seal a price.
 */

import { element } from "./elements.js";
import { fileLink, folded, formOf, options, outcome, quiet, refusal } from "./parts.js";
import { speaker } from "./speech.js";
import { fields, pairs, plain, saidTable, stressed } from "./values.js";

/** By lab which tools it has. */
const TOOLS = {
  proofs: ["prove", "verify"],
  trust: ["noted", "verify", "convict", "read"],
  sealed: ["seal", "access"],
  auditor: ["verify", "read"],
};

/** The tools of a lab, as `GET /exercises/N` tells it. */
export function desk(page, lab) {
  const tools = TOOLS[lab.name] ?? [];
  return tools.length ? element("div", { class: "desk" }, ...tools.map((name) => new Desk(page, lab).tool(name))) : "";
}

class Desk {
  constructor(page, lab) {
    this.page = page;
    this.say = speaker(page, "desk");
    const files = lab.files.map((file) => file.name).filter((name) => /\.jsonl?$/.test(name));
    const text = (value) => element("input", { value, autocomplete: "off", spellcheck: "false" });
    /** What may be given to a tool. */
    this.fields = {
      file: element("select", {}, ...options(files, files[0])),
      second: element("select", {}, ...options(files, files[1])),
      own: element("input", { type: "file" }),
      ledger: text(lab.name === "proofs" ? page.network.ledger : ""),
      "of-block": text(""),
      asset: text(""),
      bid: text(""),
      bidder: text(page.address.role ?? ""),
      price: element("input", { type: "number", min: 1, step: 1 }),
    };
    const { file, own } = this.fields; // whoever chooses one lets go of the other
    file.addEventListener("change", () => void (own.value = ""));
    own.addEventListener("change", () => void (file.selectedIndex = own.files.length ? -1 : 0));
  }

  /** By name, what a tool takes and what it answers with. */
  get tools() {
    const { source } = this.page;
    return {
      verify: [["file", "own", "ledger", "of-block"], async () => {
        const order = { ...(await this.#chosen()), ledger: this.#given("ledger"), block: this.#given("of-block") };
        return this.#verdict(await source.post("/verify", order));
      }],
      convict: [["file", "second"], async () => {
        return this.#conviction(await source.post("/convict", { first: this.#given("file"), second: this.#given("second") }));
      }],
      read: [["file", "own"], async () => this.#rows((await source.post("/read", await this.#chosen())).rows)],
      prove: [["asset"], async () => {
        return this.#proof(await source.post("/prove", { contract: "asset", collection: "assets", key: this.#given("asset") }));
      }],
      access: [["bid"], async () => {
        const key = encodeURIComponent(this.#given("bid"));
        const { offer, ...open } = (await source.get(`/v1/state/tender/bids/${key}`)).value;
        const { members } = await source.get(`/v1/access/tender/bids/${key}?limit=100`);
        const order = ["value", "digest"]; // those that see the value come first
        members.sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
        return [
          ...[element("h4", {}, this.say("open")), fields(open), element("h4", {}, this.say("hidden")), fields({ offer })],
          this.#table("access", ["member", "level", "rule", "sentence"], members),
        ];
      }],
      seal: [["bidder", "price"], async () => {
        const order = { bidder: this.#given("bidder"), price_cents: Number(this.#given("price")) };
        const { sealed, opening } = await source.post("/seal", order);
        return [this.#facts([[this.say("sealed"), sealed], [this.say("salt"), opening.salt]])];
      }],
      noted: [[], async () => {
        const { rows } = await source.get("/noted");
        const all = rows.map((row) => ({ ...row, by: row.by.join(", ") }));
        return [all.length ? this.#table("noted", ["about", "what", "times", "by", "detail"], all) : quiet(this.say("nothing"))];
      }],
    };
  }

  /** A form of a tool, and under it what came of it. */
  tool(name) {
    const [fields, ask] = this.tools[name];
    const found = element("div", { class: "found", "aria-live": "polite" });
    const submit = async () => {
      found.replaceChildren(quiet("…"));
      found.replaceChildren(...(await ask().catch((error) => [refusal(error)])));
    };
    const labels = fields.map((key) => this.#labelled(key, this.fields[key]));
    const form = formOf(submit, {}, ...labels, element("button", { class: "main" }, this.say(name)));
    return element("section", {}, element("h3", {}, this.say(name)), form, found);
  }

  #labelled(key, field) {
    return element("label", {}, element("span", {}, this.say(key)), field);
  }

  #given(name) {
    return this.fields[name].value.trim();
  }

  async #chosen() {
    const [own] = this.fields.own.files;
    return own ? { text: await own.text() } : { name: this.#given("file") };
  }

  #verdict({ holds, broken, rules, facts, printed }) {
    const state = ({ name, held }) => (name === broken?.rule ? this.say("fails") : held ? this.say("kept", { held }) : "–");
    const { language } = this.page;
    const all = rules.map((rule) => ({ ...rule, rule: rule.name, state: state(rule), sentence: rule.sentence[language] }));
    const why = broken && { ...broken, message: broken.message[language] };
    const text = (fact) => (typeof fact === "object" ? JSON.stringify(fact) : fact);
    const proved = facts.flatMap(Object.entries).map(([key, fact]) => [key, text(fact)]);
    return [
      outcome(holds ? "committed" : "rejected", holds ? this.say("holds") : this.say("broken", why)),
      ...(holds ? [...this.#claims(facts), element("h4", {}, this.say("proved")), this.#facts(proved)] : []),
      this.#table("verify", ["number", "rule", "state", "sentence"], all),
      folded(this.say("printed"), element("pre", { tabindex: 0 }, printed.join("\n"))),
    ];
  }

  /** The claim of a proof of a record, before all that it rests on. */
  #claims(facts) {
    return facts.filter(({ kind }) => kind === "absence" || kind === "state").map(({ kind, claim }) => {
      return element("h4", { class: "claim" }, ...stressed(this.say(`proved-${kind}`), claim.key));
    });
  }

  #proof({ file, verdict }) {
    const link = fileLink(`proof-${this.#given("asset")}.json`, file, this.say("save"));
    return [element("p", {}, link), ...this.#verdict(verdict)];
  }

  #conviction({ forked, height, convicted, evidence }) {
    const values = { height, convicted: convicted.join(", "), evidence: evidence.join(", ") };
    return [outcome("", forked ? this.say("forked", values) : this.say("not-forked"))];
  }

  /** Rows of an export, with a field that filters them. */
  #rows(all) {
    const place = element("div", { class: "rows" });
    const input = () => {
      const part = filter.value.trim().toLowerCase();
      const kept = all.filter((row) => Object.values(row).join(" ").toLowerCase().includes(part));
      place.replaceChildren(this.#table("read", ["height", "time", "signers", "operation", "arguments", "outcome"], kept));
    };
    const filter = element("input", { input });
    input();
    return [this.#labelled("filter", filter), place];
  }

  #facts(rows) {
    return pairs(rows.map(([name, value]) => [name, element("code", {}, value)]));
  }

  #table(name, keys, all) {
    return saidTable(this.say, keys, all.map((row) => keys.map((key) => row[key])), this.say(name));
  }
}
