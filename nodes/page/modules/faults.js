/**
 * The view Faults: what a hand can do to each node, to the links and to the clock, what is wrong now, and what to expect.
 */

import { element } from "./elements.js";
import { View, write } from "./parts.js";
import { expectations, isIsolated } from "./reach.js";
import { instant } from "./speech.js";

/** @typedef {import("./reach.js").Network} Network */

/** @type {import("./speech.js").Words} */
const WORDS = {
  title: ["Faults", "故障"],
  expect: ["What to expect", "预期会看到什么"],
  present: ["What is wrong now", "目前的故障"],
  well: ["Nothing: all nodes run and all links are well.", "没有故障：所有节点都在运行，所有链路正常。"],
  "cannot-act": ["Acting needs the lab’s token in the address, and a lab that is not frozen.", "操作需要地址中带有实验令牌，且实验未被冻结。"],
  nodes: ["Nodes", "节点"],
  up: ["● runs, height {height}", "● 运行中，高度 {height}"],
  down: ["■ stopped", "■ 已停止"],
  isolated: ["⊘ isolated: hears nobody, and nobody hears it", "⊘ 被隔离：听不到别人，别人也听不到它"],
  traitor: ["✗ traitor: {kind}", "✗ 叛徒：{kind}"],
  stop: ["Stop", "停止"], kill: ["Kill", "强杀"], start: ["Start", "启动"],
  isolate: ["Isolate", "隔离"], heal: ["Heal its links", "修复其链路"],
  kind: ["Kind of traitor", "叛徒种类"],
  betray: ["Make it a traitor", "使其成为叛徒"], honest: ["Make it honest", "恢复诚实"],
  partition: ["Partition: who is on which side", "网络分隔：谁在哪一侧"],
  side: ["side {side}", "{side} 侧"],
  split: ["Cut here", "按此分隔"],
  "heal-all": ["Heal all links", "修复所有链路"],
  parts: ["‖ cut: {parts}", "‖ 分隔：{parts}"],
  links: ["Slow or lossy links", "延迟与丢失"],
  from: ["from", "从"], to: ["to", "到"], all: ["all nodes", "全部节点"],
  drop: ["lost, of 1000 batches", "每千批丢失"],
  delay: ["later by ms", "延迟毫秒"],
  set: ["Set these links", "设置链路"],
  link: ["~ {from} → {to}: {drop} of 1000 lost, {delay} ms later", "~ {from} → {to}：每千批丢失 {drop}，延迟 {delay} 毫秒"],
  clock: ["Clock: forward only", "时钟：只能向前"],
  now: ["It shows {time}.", "现在是 {time}。"],
  hour: ["+1 hour", "+1 小时"], day: ["+1 day", "+1 天"], month: ["+30 days", "+30 天"],
  date: ["date and time, UTC", "日期与时间（UTC）"],
  "set-date": ["Go to this time", "调到此时间"],
  whole: ["The whole lab", "整个实验网络"],
  reset: ["Reset to the genesis", "重置到创世"],
  "reset-why": ["All nodes run again, honest, with whole links and an empty ledger.", "所有节点恢复运行且诚实，链路完好，账本清空。"],
};
const HOUR_MS = 3_600_000;
const [DROP_MAX, DELAY_MAX] = [1000, 10_000];
const EVERYBODY = "*";

export class FaultsView extends View {
  /** @param {any} page */
  constructor(page) {
    super(page, "faults", WORDS);
    /** What was built for: the language and the nodes. */
    this.built = "";
    /** @type {Map<string, (node: import("./reach.js").LabNode) => void>} draws the card of a node */
    this.cards = new Map();
    /** @type {Map<string, string>} member -> side A or B */
    this.sides = new Map();
  }

  /** Became visible, or address or language changed. */
  async show() {
    const { page } = this;
    const key = `${page.language} ${page.network.nodes.map((/** @type {any} */ node) => node.member)}`;
    if (key !== this.built) {
      const answer = await page.source.get(`/traitors?lang=${page.language}`);
      this.#build(page.network, answer);
      this.built = key;
    }
    this.update(page.network);
  }

  /** @param {Network} network */
  update(network) {
    if (!this.all) return;
    const mayAct = this.page.canAct && !network.frozen;
    this.all.disabled = !mayAct;
    this.cannot.hidden = mayAct;
    const items = (/** @type {string[]} */ texts) => texts.map((text) => element("li", {}, text));
    write(this.expect, items(expectations(network, this.page.language)));
    write(this.present, items(this.#present(network)));
    for (const node of network.nodes) this.cards.get(node.member)?.(node);
    const clock = Math.max(...network.nodes.map((node) => node.clock ?? 0));
    this.now.textContent = clock ? this.say("now", { time: instant(clock) }) : "";
  }

  /**
   * @param {Network} network
   * @param {{ name: string, sentence: string }[]} traitors
   */
  #build({ nodes }, traitors) {
    const members = nodes.map(({ member }) => member);
    members.forEach((member, i) => this.sides.set(member, this.sides.get(member) ?? (i < members.length / 2 ? "A" : "B")));
    this.cannot = element("p", { class: "quiet cannot" }, this.say("cannot-act"));
    this.expect = element("ul", { class: "expect", "aria-live": "polite" });
    this.present = element("ul", { class: "present" });
    this.now = element("p", {});
    const cards = element("div", { class: "cards" }, ...members.map((member) => this.#card(member, traitors)));
    this.all = element(
      "fieldset",
      { class: "orders" },
      element("legend", {}, this.say("nodes")),
      cards,
      element("div", { class: "columns" }, this.#partition(members), this.#links(members), this.#clock(), this.#whole()),
    );
    const told = (/** @type {string} */ key, /** @type {Node} */ list) => element("div", {}, element("h3", {}, this.say(key)), list);
    const head = element("div", { class: "columns" }, told("expect", this.expect), told("present", this.present));
    this.root.replaceChildren(element("h2", {}, this.say("title")), this.cannot, head, this.all);
  }

  /**
   * @param {Network} network
   * @returns {string[]}
   */
  #present(network) {
    const traitors = network.nodes.filter((node) => node.traitor).map((node) => `${node.member}: ${this.say("traitor", { kind: node.traitor ?? "" })}`);
    const down = network.nodes.filter((node) => !node.running).map((node) => `${node.member}: ${this.say("down")}`);
    const isolated = network.nodes.filter(isIsolated).map((node) => `${node.member}: ${this.say("isolated")}`);
    const parts = network.partition?.length ? [this.say("parts", { parts: network.partition.map((side) => side.join(" + ")).join(" ‖ ") })] : [];
    const isApart = (/** @type {string} */ one, /** @type {string} */ other) => network.partition?.length && !network.partition.some((side) => side.includes(one) && side.includes(other));
    const links = network.nodes.flatMap((node) =>
      (node.faults ?? [])
        .filter((fault) => !(fault.direction === "both" && fault.peer === EVERYBODY) && !isApart(node.member, fault.peer))
        .map((fault) => this.say("link", { from: node.member, to: this.#called(fault.peer), drop: fault.drop_permille, delay: fault.delay_ms })),
    );
    const found = [...down, ...traitors, ...isolated, ...parts, ...links];
    return found.length ? found : [this.say("well")];
  }

  /**
   * @param {string} member
   * @param {{ name: string, sentence: string }[]} traitors
   */
  #card(member, traitors) {
    const does = (/** @type {string} */ key, body = { do: key }) => this.button(key, () => this.page.order(`/nodes/${member}`, body));
    const state = element("p", { class: "state" });
    const sentence = element("p", { class: "quiet" }, traitors[0]?.sentence);
    const tell = () => (sentence.textContent = traitors.find(({ name }) => name === kind.value)?.sentence ?? "");
    const kind = element("select", { "aria-label": this.say("kind"), change: tell }, ...traitors.map(({ name }) => element("option", { value: name }, name)));
    const betray = this.button("betray", () => this.page.order(`/nodes/${member}`, { do: "traitor", kind: kind.value }));
    const [stop, kill, start, isolate, heal, honest] = ["stop", "kill", "start", "isolate", "heal", "honest"].map((key) => does(key));
    this.cards.set(member, (node) => {
      const states = [node.running ? "up" : "down", node.traitor && "traitor", isIsolated(node) && "isolated"].filter(Boolean);
      write(state, states.map((key) => element("span", { class: `is-${key}` }, this.say(String(key), { height: node.height ?? "–", kind: node.traitor ?? "" }))));
      for (const one of [stop, kill]) one.disabled = !node.running;
      start.disabled = node.running;
      isolate.disabled = isIsolated(node);
      heal.disabled = !node.faults?.length;
      honest.disabled = !node.traitor;
    });
    const row = (/** @type {Node[]} */ ...parts) => element("div", { class: "row" }, ...parts);
    const parts = [row(stop, kill, start), row(isolate, heal), element("label", {}, kind), sentence, row(betray, honest)];
    return element("div", { class: "card", role: "group", "aria-label": member, "data-member": member }, element("h3", {}, member), state, ...parts);
  }

  /** @param {string[]} members */
  #partition(members) {
    const choose = (/** @type {(i: number) => string} */ sideOf) =>
      members.forEach((member, i) => {
        this.sides.set(member, sideOf(i));
        const chosen = place.querySelector(`input[name="side ${CSS.escape(member)}"][value="${sideOf(i)}"]`);
        if (chosen instanceof HTMLInputElement) chosen.checked = true;
      });
    const cut = () => this.page.order("/partition", { groups: ["A", "B"].map((side) => members.filter((member) => this.sides.get(member) === side)).filter((group) => group.length) });
    const at = (/** @type {number} */ count) => {
      choose((i) => (i < count ? "A" : "B"));
      cut();
    };
    const half = Math.ceil(members.length / 2);
    const quick = [half, members.length - 1].map((count) => this.button(`${count} / ${members.length - count}`, () => at(count)));
    const rows = members.map((member) => {
      const radio = (/** @type {string} */ side) => {
        const options = { type: "radio", name: `side ${member}`, value: side, checked: this.sides.get(member) === side, change: () => this.sides.set(member, side) };
        return element("label", {}, element("input", options), ` ${this.say("side", { side })}`);
      };
      return element("div", { class: "row", role: "radiogroup", "aria-label": member }, element("b", {}, member), radio("A"), radio("B"));
    });
    const heal = this.button("heal-all", () => this.page.order("/partition", { groups: [] }));
    const place = this.#group("partition", ...rows, element("div", { class: "row" }, ...quick, this.button("split", cut), heal));
    return place;
  }

  /** @param {string[]} members */
  #links(members) {
    const select = (/** @type {string} */ key) => {
      const names = [EVERYBODY, ...members].map((member) => element("option", { value: member }, this.#called(member)));
      return element("select", { name: key }, ...names);
    };
    const [from, to] = [select("from"), select("to")];
    const amount = (/** @type {string} */ key, /** @type {number} */ max, /** @type {number} */ step) => {
      const number = element("input", { type: "number", name: key, min: 0, max, step: 1, value: 0, input: () => (slider.value = number.value) });
      const slider = element("input", { type: "range", min: 0, max, step, value: 0, "aria-label": this.say(key), input: () => (number.value = slider.value) });
      return { number, row: element("label", { class: "row" }, this.say(key), slider, number) };
    };
    const [drop, delay] = [amount("drop", DROP_MAX, 50), amount("delay", DELAY_MAX, 100)];
    const set = this.button("set", () => {
      const [drop_permille, delay_ms] = [drop, delay].map(({ number }) => Math.min(Number(number.max), Math.max(0, Math.round(number.valueAsNumber) || 0)));
      this.page.order("/faults", { from: from.value, to: to.value, drop_permille, delay_ms });
    });
    const ends = element("div", { class: "row" }, element("label", {}, `${this.say("from")} `, from), element("label", {}, `${this.say("to")} `, to));
    return this.#group("links", ends, drop.row, delay.row, set);
  }

  #clock() {
    const forward = (/** @type {string} */ key, /** @type {number} */ hours) => this.button(key, () => this.page.order("/clock", { forward_ms: hours * HOUR_MS }));
    const date = element("input", { type: "datetime-local", name: "date" });
    const set = this.button("set-date", () => {
      const time = Date.parse(`${date.value}Z`);
      if (Number.isFinite(time)) this.page.order("/clock", { time });
    });
    const steps = element("div", { class: "row" }, forward("hour", 1), forward("day", 24), forward("month", 720));
    return this.#group("clock", this.now, steps, element("label", { class: "row" }, this.say("date"), date), set);
  }

  #whole() {
    const reset = this.button("reset", () => this.page.order("/reset"));
    const heal = this.button("heal-all", () => this.page.order("/heal"));
    return this.#group("whole", element("p", { class: "quiet" }, this.say("reset-why")), element("div", { class: "row" }, heal, reset));
  }

  /**
   * @param {string} key
   * @param {...Node} parts
   */
  #group(key, ...parts) {
    return element("fieldset", { class: key }, element("legend", {}, this.say(key)), ...parts);
  }

  /** @param {string} member */
  #called(member) {
    return member === EVERYBODY ? this.say("all") : member;
  }
}
