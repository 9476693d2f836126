/**
 * The page of a node: it keeps the address, asks how the network is, and shows one view at a time.
 *
 * A view has `root`, `show()`, `hide()` and `update(network)`. It may have `step(direction)` for the arrow keys, `toggle()`
 * for the space bar, and `actions()` with keys of its own.
 */

import { knownToken, readAddress, writeAddress } from "./address.js";
import { ConsensusView } from "./consensus.js";
import { ContractsView } from "./contracts.js";
import { byId, element } from "./elements.js";
import { ExercisesView } from "./exercises.js";
import { FaultsView } from "./faults.js";
import { listenKeys, showKeys } from "./keys.js";
import { LedgerView } from "./ledger.js";
import { Poll, Problem, Source } from "./source.js";
import { say } from "./speech.js";
import { StoryView } from "./story.js";
import { TamperView } from "./tamper.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  story: ["Story", "故事"],
  consensus: ["Consensus", "共识"],
  ledger: ["Ledger", "账本"],
  faults: ["Faults", "故障"],
  tamper: ["Tamper", "篡改"],
  contracts: ["Contracts", "合约"],
  exercises: ["Labs", "实验"],
  views: ["Views", "视图"],
  role: ["Act as", "身份"],
  nobody: ["nobody", "无"],
  "other-tab": ["Another party in another tab", "在新标签页中以另一方身份打开"],
  "do-step-back": ["one step back", "后退一步"],
  "do-step": ["one step on", "前进一步"],
  "do-play": ["play or pause", "播放或暂停"],
  "do-language": ["中文", "English"],
  "do-theme": ["light or dark", "浅色或深色"],
  "do-larger": ["larger type", "放大字体"],
  "do-smaller": ["smaller type", "缩小字体"],
  "do-role": ["choose whom to act as", "选择身份"],
  "do-full": ["full screen", "全屏"],
  "do-help": ["Keys", "按键"],
  close: ["Close", "关闭"],
  working: ["{what} …", "{what}……"],
  failed: ["{what} failed: {why}", "{what}失败：{why}"],
  frozen: ["The teacher has frozen this lab: look at the projector.", "教师已冻结本实验室：请看投影。"],
  silent: ["This node does not answer. Others:", "本节点没有应答。其他节点："],
  "other-scenario": [
    "This address speaks of the scenario {asked}; this network has {here}.",
    "此地址指的是场景 {asked}；本网络是 {here}。",
  ],
  "no-scenario": ["none", "无场景"],
  "no-lab": [
    "This node belongs to no lab, so nobody can act from here: you see its consensus, its ledger and its contracts.",
    "本节点不属于实验室，因此不能在此操作：可查看共识、账本与合约。",
  ],
  "no-token": [
    "You can look. To act, open the address with the token that `network up --lab` prints.",
    "仅供查看。要操作，请打开 `network up --lab` 打印的带令牌的地址。",
  ],
  reset: ["reset", "重置"],
  restore: ["restore", "恢复"],
  stop: ["stop", "停止"],
  kill: ["kill", "强杀"],
  start: ["start", "启动"],
  isolate: ["isolate", "隔离"],
  heal: ["heal", "修复"],
  partition: ["partition", "分区"],
  clock: ["clock", "时钟"],
  traitor: ["traitor", "叛徒"],
  honest: ["honest again", "恢复诚实"],
};
const VIEWS = { StoryView, ConsensusView, LedgerView, FaultsView, TamperView, ContractsView, ExercisesView };
/** What shows something at a node that belongs to no lab. */
const ALONE = ["consensus", "ledger", "contracts"];
const SIZES = [75, 100, 125, 150, 200];
const JOB_MS = 300;
const JOB_FAILURES_MAX = 100;

export class Page {
  constructor() {
    this.address = readAddress(location.hash);
    this.token = knownToken();
    this.source = new Source(() => this);
    /** @type {any} the newest answer of `/network`; of a node without a lab the same with one node */
    this.network = null;
    this.isLab = true;
    /** @type {any[]} whose keys the lab holds */
    this.members = [];
    this.poll = new Poll(() => this.#look());
    /** @type {Map<string, any>} */
    this.views = new Map();
    for (const [name, View] of Object.entries(VIEWS)) this.views.set(name.slice(0, -4).toLowerCase(), new View(this));
    /** @type {any} */
    this.shown = null;
  }

  /** @returns {import("./speech.js").Language} */
  get language() {
    return (this.address.language ?? navigator.language).startsWith("zh") ? "zh" : "en";
  }

  /** @returns {boolean} */
  get canAct() {
    return this.isLab && this.source.isLive && this.token !== "";
  }

  /** @returns {string} name of the view that the address names, if it can be shown here */
  get view() {
    const asked = this.address.view ?? "";
    const names = this.viewNames;
    return names.includes(asked) ? asked : names[0];
  }

  get viewNames() {
    return this.isLab ? [...this.views.keys()] : ALONE;
  }

  start() {
    listenKeys(() => this.actions());
    addEventListener("hashchange", () => {
      this.address = readAddress(location.hash);
      this.token = knownToken();
      history.replaceState(null, "", writeAddress(this.address));
      this.#draw();
    });
    history.replaceState(null, "", writeAddress(this.address));
    byId("role").addEventListener("change", (event) => this.go({ role: /** @type {any} */ (event.target).value }));
    for (const name of ["language", "theme", "larger", "smaller", "help"]) {
      byId(`do-${name}`).addEventListener("click", () => this.actions().find((action) => action.name === name)?.run());
    }
    this.poll.now();
  }

  /** @param {import("./address.js").Place} changes of the address; an empty value leaves a field out */
  go(changes) {
    const isTurn = changes.view !== undefined && changes.view !== this.view;
    this.address = readAddress(writeAddress(this.address, changes));
    history[isTurn ? "pushState" : "replaceState"](null, "", writeAddress(this.address));
    this.#draw();
  }

  /** @param {string} text for everybody, also for who hears the page */
  tell(text) {
    byId("status").textContent = text;
  }

  /** @param {unknown} error what went wrong in a view; our own mistakes go on to the console */
  fail(error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status) this.tell(error.message);
    else this.poll.now();
  }

  /**
   * Posts an order and follows its job to the end.
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>} the answer or the job; null if it failed, which was told
   */
  async order(path, body) {
    try {
      const answer = await this.source.post(path, body);
      const job = answer.job ? await this.#followed(answer.job) : answer;
      this.poll.now();
      if (job.state !== "failed") return job;
      this.tell(this.#say("failed", { what: this.#say(job.what), why: `${job.message} (${job.code})` }));
    } catch (error) {
      this.fail(error);
    }
    return null;
  }

  /** @returns {(import("./keys.js").Action & { name: string })[]} */
  actions() {
    const story = this.network?.story;
    const step = (/** @type {1 | -1} */ way) => {
      if (this.shown?.step) this.shown.step(way);
      else this.go({ step: Math.min(Math.max((this.address.step ?? story?.at ?? 0) + way, 0), story?.of ?? Infinity) });
    };
    const own = (/** @type {string} */ name, /** @type {string[]} */ keys, /** @type {() => void} */ run) => {
      return { name, keys, words: () => this.#say(`do-${name}`), run };
    };
    return [
      ...(this.shown?.actions?.() ?? []),
      ...this.viewNames.map((name, i) => ({ name, keys: [String(i + 1)], words: () => this.#say(name), run: () => this.go({ view: name }) })),
      own("step-back", ["ArrowLeft", "PageUp"], () => step(-1)),
      own("step", ["ArrowRight", "PageDown"], () => step(1)),
      own("play", [" "], () => this.shown?.toggle?.()),
      own("language", ["l"], () => this.go({ language: this.language === "en" ? "zh" : "en" })),
      own("theme", ["t"], () => this.go({ theme: isDark(this.address.theme) ? "light" : "dark" })),
      own("larger", ["+", "="], () => this.#resize(1)),
      own("smaller", ["-"], () => this.#resize(-1)),
      own("role", ["r"], () => byId("role").focus()),
      own("full", ["f"], () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())),
      own("help", ["?"], () => this.#help()),
    ];
  }

  /** @returns {Promise<boolean>} whether the node answered */
  async #look() {
    const before = this.network?.generation;
    try {
      if (!this.network && this.source.isLive) this.isLab = (await this.source.get("/v1/node")).lab;
      this.network = this.isLab ? await this.source.get("/network") : await this.#alone();
    } catch {
      this.#drawBanners(true);
      return false;
    }
    this.#drawBanners(false);
    if (before !== this.network.generation) await this.#begin();
    else this.shown?.update(this.network);
    return true;
  }

  /** The ledger is another one than before, or seen for the first time. */
  async #begin() {
    this.members = this.isLab ? await this.source.get("/members").catch(() => []) : [];
    this.#draw();
    this.shown?.update(this.network);
  }

  /** @returns {Promise<any>} one node, as `/network` tells of many */
  async #alone() {
    const [node, consensus] = await Promise.all([this.source.get("/v1/node"), this.source.get("/v1/consensus")]);
    const row = { member: node.member, url: location.origin, running: true, height: node.height, clock: node.clock, faults: [], traitor: null };
    return { ledger: node.ledger, generation: 0, frozen: false, job: null, story: null, scenario: null, nodes: [{ ...row, consensus }] };
  }

  /** @param {any} job */
  async #followed(job) {
    for (let failures = 0; job.state !== "done" && job.state !== "failed" && failures < JOB_FAILURES_MAX; ) {
      await new Promise((resolve) => setTimeout(resolve, JOB_MS));
      try {
        job = await this.source.get(`/jobs/${job.number}`);
      } catch {
        failures += 1;
      }
    }
    return job;
  }

  #draw() {
    if (!this.network) return;
    const { language, view } = this;
    const root = document.documentElement;
    root.lang = language;
    root.dataset.theme = this.address.theme ?? "";
    root.style.setProperty("--size-factor", String((Number(this.address.size) || 100) / 100));
    document.title = `${this.#say(view)} · Tallystick`;
    const link = (/** @type {string} */ name) =>
      element("a", { href: writeAddress(this.address, { view: name }), "aria-current": name === view && "page" }, this.#say(name));
    byId("views").replaceChildren(...this.viewNames.map(link));
    byId("views").setAttribute("aria-label", this.#say("views"));
    this.#drawRoles();
    byId("do-language").textContent = this.#say("do-language");
    for (const name of ["theme", "larger", "smaller", "help"]) this.#name(byId(`do-${name}`), `do-${name}`);
    this.#show(this.views.get(view), this.#say(view));
  }

  /**
   * @param {any} view
   * @param {string} name
   */
  #show(view, name) {
    if (view !== this.shown) {
      this.shown?.hide();
      byId("main").replaceChildren(view.root);
      this.shown = view;
    }
    view.root.setAttribute("aria-label", name);
    view.show().catch((/** @type {unknown} */ error) => this.fail(error));
  }

  #drawRoles() {
    const role = this.address.role ?? "";
    const named = (/** @type {any} */ { member, name }) => (!name || member.endsWith(`.${name}`) ? member : `${name} (${member})`);
    const option = (/** @type {string} */ value, /** @type {string} */ text) => element("option", { value, selected: value === role }, text);
    const options = this.members.map((one) => option(one.member, named(one)));
    byId("role").replaceChildren(option("", this.#say("nobody")), ...options);
    this.#name(byId("role"), "role");
    const link = byId("other-tab");
    link.setAttribute("href", writeAddress(this.address, { role: "" }));
    this.#name(link, "other-tab");
    byId("roles").hidden = !this.isLab || !this.members.length;
  }

  /** @param {boolean} isSilent */
  #drawBanners(isSilent) {
    const { network } = this;
    const asked = this.address.scenario ?? "";
    const here = network?.scenario ?? "";
    const job = network?.job;
    const isWorking = job && job.state !== "done" && job.state !== "failed";
    byId("job").textContent = isWorking ? this.#say("working", { what: this.#say(job.what) }) : "";
    const others = isSilent ? (network?.nodes ?? []).map((/** @type {any} */ node) => this.#other(node)) : [];
    const banners = [
      isSilent && element("p", { class: "banner bad", role: "alert" }, this.#say("silent"), ...others),
      network?.frozen && element("p", { class: "banner wait" }, this.#say("frozen")),
      asked && network && asked !== here && element("p", { class: "banner wait" }, this.#say("other-scenario", { asked, here: here || this.#say("no-scenario") })),
      network && !this.isLab && element("p", { class: "banner" }, this.#say("no-lab")),
      network && this.isLab && this.source.isLive && !this.token && element("p", { class: "banner" }, this.#say("no-token")),
    ].filter(Boolean);
    const place = byId("banners");
    const text = banners.map((banner) => banner.textContent).join("\n");
    if (place.dataset.text !== text) place.replaceChildren(...banners);
    place.dataset.text = text;
  }

  /** @param {any} node another one of this network, reached as this one is */
  #other(node) {
    const url = new URL(node.url);
    if (url.port === location.port) return null;
    url.hostname = location.hostname;
    url.hash = writeAddress(this.address, { token: this.token });
    return element("a", { href: url.href }, ` ${node.member} `);
  }

  /** @param {1 | -1} way */
  #resize(way) {
    const at = SIZES.indexOf(Number(this.address.size) || 100);
    this.go({ size: String(SIZES[Math.min(Math.max(at + way, 0), SIZES.length - 1)]) });
  }

  #help() {
    showKeys(/** @type {HTMLDialogElement} */ (byId("help")), this.#say("do-help"), this.#say("close"), this.actions());
  }

  /**
   * @param {HTMLElement} target
   * @param {string} key
   */
  #name(target, key) {
    target.title = this.#say(key);
    target.setAttribute("aria-label", this.#say(key));
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  #say(key, values) {
    return say(WORDS, this.language, key, values);
  }
}

/** @param {string | undefined} theme */
function isDark(theme) {
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

new Page().start();
