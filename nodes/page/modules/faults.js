/**
 * The view Faults: what a hand can do to each node, to the links and to the clock, what is wrong now, and what to expect.
 */

import { element } from "./elements.js";
import { isIsolation } from "./meters.js";
import { View, options, quiet, write } from "./parts.js";
import { instant } from "./speech.js";

const HOUR_MS = 3_600_000;
const [DROP_MAX, DELAY_MAX] = [1000, 10_000];

export class FaultsView extends View {
  constructor(page) {
    super(page, "faults");
    /** What was built for: the language and the nodes. */
    this.built = "";
    /** By member, what draws its card. */
    this.cards = new Map();
    /** By member A or B. */
    this.sides = new Map();
  }

  async show() {
    const { page } = this;
    const members = page.network.nodes.map(({ member }) => member);
    const key = `${page.language} ${members}`;
    if (key !== this.built) {
      this.#build(members, await page.source.get(`/traitors?lang=${page.language}`));
      this.built = key;
    }
    this.update(page.network);
  }

  update(network) {
    if (!this.built) return;
    const { canAct, language } = this.page;
    const mayAct = canAct && !network.frozen;
    this.all.disabled = !mayAct;
    this.cannot.hidden = mayAct;
    for (const key of ["expect", "present"]) write(this[key], network[key][language].map((text) => element("li", {}, text)));
    for (const node of network.nodes) this.cards.get(node.member)?.(node);
    const clock = Math.max(...network.nodes.map((node) => node.clock ?? 0));
    this.now.textContent = clock ? this.say("now", { time: instant(clock) }) : "";
  }

  #build(members, traitors) {
    members.forEach((member, i) => this.sides.set(member, this.sides.get(member) ?? (i < members.length / 2 ? "A" : "B")));
    this.cannot = element("p", { class: "quiet cannot" }, this.say("cannot-act"));
    this.expect = element("ul", { class: "expect", "aria-live": "polite" });
    this.present = element("ul", { class: "present" });
    this.now = element("p");
    const cards = element("div", { class: "cards" }, ...members.map((member) => this.#card(member, traitors)));
    const groups = [this.#partition(members), this.#links(["*", ...members]), this.#clock(), this.#whole()];
    this.all = element(
      "fieldset",
      { class: "orders" },
      element("legend", {}, this.say("nodes")),
      cards,
      element("div", { class: "columns" }, ...groups),
    );
    const told = ["expect", "present"].map((key) => element("div", {}, element("h3", {}, this.say(key)), this[key]));
    const head = element("div", { class: "columns" }, ...told);
    this.root.replaceChildren(element("h2", {}, this.say("title")), this.cannot, head, this.all);
  }

  /** A button that gives an order; what goes with it is read when it is pressed. */
  #does(key, path, body = () => ({ do: key })) {
    return this.button(key, () => this.page.order(path, body()));
  }

  #card(member, traitors) {
    const does = (key, body) => this.#does(key, `/nodes/${member}`, body);
    const deeds = ["stop", "kill", "start", "isolate", "heal", "honest"];
    const [stop, kill, start, isolate, heal, honest] = deeds.map((key) => does(key));
    const betray = does("betray", () => ({ do: "traitor", kind: kind.value }));
    const state = element("p", { class: "state" });
    const sentence = quiet(traitors[0]?.sentence);
    const change = () => (sentence.textContent = traitors.find(({ name }) => name === kind.value).sentence);
    const kinds = traitors.map(({ name, called }) => element("option", { value: name }, called));
    const kind = element("select", { "aria-label": this.say("kind"), change }, ...kinds);
    this.cards.set(member, ({ running, traitor, traitor_called: called, faults, height }) => {
      const isIsolated = faults.some(isIsolation);
      const states = [running ? "up" : "down", traitor && "traitor", isIsolated && "isolated"].filter(Boolean);
      const values = { height: height ?? "–", kind: called?.[this.page.language] };
      write(state, states.map((key) => element("span", { class: `is-${key}` }, this.say(key, values))));
      stop.disabled = kill.disabled = !running;
      start.disabled = running;
      isolate.disabled = isIsolated;
      heal.disabled = !faults.length;
      honest.disabled = !traitor;
    });
    const parts = [row(stop, kill, start), row(isolate, heal), element("label", {}, kind), sentence, row(betray, honest)];
    const attributes = { class: "card", role: "group", "aria-label": member, "data-member": member };
    return element("div", attributes, element("h3", {}, member), state, ...parts);
  }

  #partition(members) {
    const choose = (member, side) => {
      this.sides.set(member, side);
      rows[members.indexOf(member)].querySelector(`[value=${side}]`).checked = true;
    };
    const groups = () => ["A", "B"].map((side) => members.filter((member) => this.sides.get(member) === side));
    const cut = () => this.page.order("/partition", { groups: groups().filter((group) => group.length) });
    const quick = [Math.ceil(members.length / 2), members.length - 1].map((count) =>
      this.button(`${count} / ${members.length - count}`, () => {
        members.forEach((member, i) => choose(member, i < count ? "A" : "B"));
        cut();
      }));
    const rows = members.map((member) => {
      const radios = ["A", "B"].map((side) => {
        const checked = this.sides.get(member) === side;
        const change = () => choose(member, side);
        const radio = element("input", { type: "radio", name: `side ${member}`, value: side, checked, change });
        return element("label", {}, radio, ` ${this.say("side", { side })}`);
      });
      return element("div", { class: "row", role: "radiogroup", "aria-label": member }, element("b", {}, member), ...radios);
    });
    const heal = this.#does("heal-all", "/partition", () => ({ groups: [] }));
    return this.#group("partition", ...rows, row(...quick, this.button("split", cut), heal));
  }

  #links(names) {
    const [from, to] = ["from", "to"].map((name) => element("select", { name }, ...options(names)));
    const ends = [from, to].map((select) => element("label", {}, `${this.say(select.name)} `, select));
    const amount = (name, max, step) => {
      const range = { min: 0, max, value: 0 };
      const number = element("input", { type: "number", name, step: 1, ...range, input: () => (slider.value = number.value) });
      const input = () => (number.value = slider.value);
      const slider = element("input", { type: "range", step, "aria-label": this.say(name), ...range, input });
      const read = () => Math.min(max, Math.max(0, Math.round(number.valueAsNumber) || 0));
      return { read, row: element("label", { class: "row" }, this.say(name), slider, number) };
    };
    const [drop, delay] = [amount("drop", DROP_MAX, 50), amount("delay", DELAY_MAX, 100)];
    const body = () => ({ from: from.value, to: to.value, drop_permille: drop.read(), delay_ms: delay.read() });
    return this.#group("links", row(...ends), drop.row, delay.row, this.#does("set", "/faults", body));
  }

  #clock() {
    const forward = (key, hours) => this.#does(key, "/clock", () => ({ forward_ms: hours * HOUR_MS }));
    const date = element("input", { type: "datetime-local", name: "date" });
    const set = this.button("set-date", () => {
      const time = Date.parse(`${date.value}Z`);
      if (Number.isFinite(time)) this.page.order("/clock", { time });
    });
    const steps = row(forward("hour", 1), forward("day", 24), forward("month", 720));
    return this.#group("clock", this.now, steps, element("label", { class: "row" }, this.say("date"), date), set);
  }

  #whole() {
    const buttons = row(this.#does("heal-all", "/heal"), this.#does("reset", "/reset"));
    return this.#group("whole", quiet(this.say("reset-why")), buttons);
  }

  #group(key, ...parts) {
    return element("fieldset", { class: key }, element("legend", {}, this.say(key)), ...parts);
  }
}

function row(...parts) {
  return element("div", { class: "row" }, ...parts);
}
