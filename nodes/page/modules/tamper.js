/**
 * Tampering: any field of any block is edited on a copy, the forger goes as far as he can, and the real verifier judges.
 */

import { EditTree, editsOf, withPart } from "./edit.js";
import { element } from "./elements.js";
import { forgedParts, inSight } from "./forged.js";
import { View, folded, quiet, saveFile } from "./parts.js";
import { plain, table } from "./values.js";

/** Whoever types is answered once they pause so long. */
const PAUSE_MS = 250;
/** Room for the link before the edited block, where the chain is wider than the page; in pixels. */
const BEFORE = 60;
/** Transactions whose arguments stand in front. */
const FRONT_MAX = 4;

export class TamperView extends View {
  constructor(page) {
    super(page, "tamper");
    this.turn = 0;
    this.place = "";
    /** The block as the control gave it. */
    this.given = null;
    /** What the forger did so far, the newest last. */
    this.steps = [];
    /** The block as it is being typed, before that is a step. */
    this.draft = null;
    this.head = element("div");
    this.judged = element("div", { class: "judged", "aria-live": "polite" });
    this.front = element("section", { class: "edit-tree" });
    this.forger = element("section");
    this.tree = element("section", { class: "edit-tree" });
    this.result = element("section", { class: "forged" });
    this.matrix = element("div");
    this.others = folded("", this.matrix);
    this.others.addEventListener("toggle", () => this.run(this.#compare()));
    const columns = element("div", { class: "columns" }, element("div", {}, this.front, this.forger, this.tree), this.result);
    this.root.append(this.head, this.judged, columns, this.others);
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
      this.editor = new EditTree(given.block, this.say, change, (path, value) => this.#typed(path, value));
      this.judged.replaceChildren();
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

  /** Judges what is being typed; the field stays as it is. */
  #typed(path, value) {
    this.draft = withPart(this.#now.block, path, value);
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.run(this.#judge()), PAUSE_MS);
  }

  #again() {
    clearTimeout(this.pause);
    this.draft = null;
    this.#draw();
    this.run(this.#judge());
  }

  #draw() {
    const focused = document.activeElement?.dataset.path;
    this.#drawHead();
    this.#drawForger();
    this.#drawFront();
    this.tree.replaceChildren(element("h3", {}, this.say("rest")), this.editor.list(this.#now.block));
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

  /** What the first transactions of the block ask for, before all that is computed from it. */
  #drawFront() {
    const calls = (this.#now.block.transactions ?? []).slice(0, FRONT_MAX);
    const paths = calls.map((_, i) => ["transactions", i, "body", "arguments"]);
    this.editor.elsewhere = new Set(paths.map((path) => path.join(".")));
    const parts = calls.flatMap(({ body }, i) => [
      element("h3", {}, this.say("call", { operation: `${body.contract}.${body.operation}`, signers: body.signers.join(", ") })),
      this.editor.list(body.arguments, paths[i]),
    ]);
    this.front.replaceChildren(...parts);
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
    return { height: this.given.height, edits: editsOf(this.given.block, this.draft ?? block), rehash, keys };
  }

  async #judge() {
    if (!this.page.canAct) return;
    const turn = ++this.turn;
    this.judged.setAttribute("aria-busy", "true");
    const asking = this.page.source.post("/tamper", this.#order);
    const account = await asking.finally(() => this.judged.setAttribute("aria-busy", "false"));
    if (turn !== this.turn) return;
    this.judged.replaceChildren(...inSight(account, this.say, this.page.language));
    const [scroller, edited] = [".scroll", ".edited"].map((part) => this.judged.querySelector(part));
    if (edited) scroller.scrollLeft = edited.getBoundingClientRect().left - scroller.getBoundingClientRect().left - BEFORE;
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
    this.page.tell(this.say("command", { name, ledger: this.given.ledger }));
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

/** The same attacks on other ways of keeping a record, each cell with its reason and what was observed. */
function matrixParts({ title, about, systems, attacks, cells }, language, say) {
  const drawn = ({ words, by, why, evidence }) => {
    const heard = element("ul", { lang: "en" }, ...evidence.map((line) => element("li", {}, plain(line))));
    const summary = [element("strong", {}, words[language]), ` ${by[language]}`];
    return folded(summary, element("p", {}, why[language]), quiet(say("heard")), heard);
  };
  const rows = attacks.map((attack) => {
    const found = cells.filter((cell) => cell.attack === attack.name);
    return [attack.title[language], ...found.map((cell) => element("div", { "data-outcome": cell.outcome }, drawn(cell)))];
  });
  const heads = ["", ...systems.map((system) => system.title[language])];
  return [quiet(about[language]), table(heads, rows, title[language], { class: "anomalies", isHeaded: true })];
}
