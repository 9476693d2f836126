/**
 * The page of a node: it keeps the address, asks how the network is, and shows one view at a time.
 *
 * A view has `root`, `show()`, `hide()` and `update(network)`. It may have `step(direction)` for the arrow keys, `toggle()`
 * for the space bar, and `actions()` with keys of its own.
 */

import { knownToken, readAddress, writeAddress } from "./address.js";
import { ConsensusView } from "./consensus.js";
import { ContractsView } from "./contracts.js";
import { byId, isDark } from "./elements.js";
import { ExercisesView } from "./exercises.js";
import { FaultsView } from "./faults.js";
import { Handout } from "./handout.js";
import { action, listenKeys } from "./keys.js";
import { LedgerView } from "./ledger.js";
import { RecordView } from "./record.js";
import { BUTTONS, Shell } from "./shell.js";
import { Poll, Problem, Source } from "./source.js";
import { sayer } from "./speech.js";
import { StoryView } from "./story.js";
import { TamperView } from "./tamper.js";
import { plain } from "./values.js";

const VIEWS = { StoryView, ConsensusView, LedgerView, FaultsView, TamperView, ContractsView, ExercisesView, RecordView };
/** What shows something at a node that belongs to no lab. */
const ALONE = ["consensus", "ledger", "contracts"];
const titleOf = sayer("shell");
const SIZES = [75, 100, 125, 150, 200];
const JOB_MS = 300;
const JOB_FAILURES_MAX = 100;

export class Page {
  constructor() {
    this.address = readAddress(location.hash);
    this.token = knownToken();
    this.source = new Source(this);
    /** The newest answer of `/network`; of a node without a lab the same with one node. */
    this.network = null;
    /** What `/v1/node` said first: whose node this is, whether it is of a lab, who may read. */
    this.node = null;
    /** The Problem for which the network was not told last time. */
    this.trouble = null;
    /** Whose keys the lab holds. */
    this.members = [];
    this.poll = new Poll(() => this.#look(), this.source.isLive);
    const views = Object.entries(VIEWS).map(([name, View]) => [name.slice(0, -4).toLowerCase(), new View(this)]);
    this.views = new Map(views);
    this.shown = null;
    this.handout = new Handout(this);
    this.shell = new Shell(this);
  }

  get isLab() {
    return this.node?.lab ?? true;
  }

  get isForMembers() {
    return this.node?.reads === "members";
  }

  get language() {
    return (this.address.language ?? navigator.language).startsWith("zh") ? "zh" : "en";
  }

  get canAct() {
    return this.isLab && this.source.isLive && this.token !== "";
  }

  /** The view that the address names, by its own name or by the one above its page, if it can be shown here. */
  get view() {
    const asked = this.address.view?.toLowerCase();
    const isNamed = (name) => [name, ...["en", "zh"].map((language) => titleOf(language, name).toLowerCase())].includes(asked);
    return this.viewNames.find(isNamed) ?? this.viewNames[0];
  }

  get viewNames() {
    if (!this.network) return [];
    return this.source.data?.views ?? (this.isLab ? [...this.views.keys()] : ALONE);
  }

  start() {
    listenKeys(() => this.actions(), isTaken);
    addEventListener("hashchange", () => {
      this.address = readAddress(location.hash);
      this.token = knownToken();
      history.replaceState(null, "", writeAddress(this.address));
      this.#draw();
    });
    history.replaceState(null, "", writeAddress(this.address));
    byId("role").addEventListener("change", (event) => this.go({ role: event.target.value }));
    for (const name of BUTTONS) {
      byId(name).addEventListener("click", () => this.actions().find((one) => one.name === name)?.run());
    }
    this.#draw();
    this.poll.now();
  }

  /** Changes the address; an empty value leaves a field out. */
  go(changes) {
    const isTurn = changes.view !== undefined && changes.view !== this.view;
    this.address = readAddress(writeAddress(this.address, changes));
    history[isTurn ? "pushState" : "replaceState"](null, "", writeAddress(this.address));
    this.#draw();
  }

  /** A text in which members have the names that people call them by, with their ids. */
  named(text) {
    const called = new Map(this.members.map(({ member, called }) => [member, called?.[this.language]]));
    return plain(text).replace(/[\w-]+\.[\w-]+/g, (id) => (called.get(id) ? `${called.get(id)} (${id})` : id));
  }

  /** Says it to everybody, also to who hears the page. */
  tell(text) {
    byId("status").textContent = text;
  }

  /** What went wrong in a view; our own mistakes go on to the console. */
  fail(error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status) this.tell(error.message);
    else this.poll.now();
  }

  /** Posts an order and follows its job to the end; null if it failed, which was told. */
  async order(path, body) {
    this.tell("");
    try {
      const answer = await this.source.post(path, body);
      const job = answer.job ? await this.#followed(answer.job) : answer;
      this.poll.now();
      if (job.state !== "failed") return job;
      this.tell(this.shell.say("failed", { what: this.shell.say(job.what), why: `${job.message} (${job.code})` }));
    } catch (error) {
      this.fail(error);
    }
    return null;
  }

  actions() {
    const named = (name, keys, run) => action(this.shell.say, name, keys, run);
    return [
      ...(this.shown?.actions?.() ?? []),
      ...this.viewNames.map((name, i) => named(name, [String(i + 1)], () => this.go({ view: name }))),
      named("do-step-back", ["ArrowLeft", "PageUp"], () => this.#step(-1)),
      named("do-step", ["ArrowRight", "PageDown"], () => this.#step(1)),
      named("do-play", [" "], () => this.shown?.toggle?.()),
      named("do-language", ["l"], () => this.go({ language: this.language === "en" ? "zh" : "en" })),
      named("do-theme", ["t"], () => this.go({ theme: isDark(this.address.theme) ? "light" : "dark" })),
      named("do-larger", ["+", "="], () => this.#resize(1)),
      named("do-smaller", ["-"], () => this.#resize(-1)),
      named("do-handout", ["h"], () => this.handout.fold()),
      named("do-role", ["r"], () => byId("role").focus()),
      named("do-full", ["f"], () => fillScreen()),
      named("do-help", ["?"], () => this.shell.help()),
    ];
  }

  /** Whether the node answered. */
  async #look() {
    const before = this.network?.generation;
    try {
      if (!this.node && this.source.isLive) await this.#meet();
      if (this.isForMembers) return true;
      this.network = this.isLab ? await this.source.get("/network") : await this.#alone();
      this.trouble = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.trouble = error;
    }
    this.shell.drawBanners();
    if (this.trouble) return false;
    if (before !== this.network.generation) await this.#begin();
    else this.shown?.update(this.network);
    this.handout.update(this.network).catch((error) => this.fail(error));
    return true;
  }

  async #meet() {
    this.node = await this.source.get("/v1/node");
    this.shell.draw();
  }

  /** The ledger is another one than before, or seen for the first time. */
  async #begin() {
    this.members = this.isLab ? await this.source.get("/members").catch(() => []) : [];
    this.#draw();
    this.shown?.update(this.network);
  }

  /** One node, as `/network` tells of many. */
  async #alone() {
    const [node, consensus] = await Promise.all([this.source.get("/v1/node"), this.source.get("/v1/consensus")]);
    const row = { ...node, url: location.origin, running: true, faults: [], consensus };
    return { ledger: node.ledger, generation: 0, nodes: [row] };
  }

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
    if (!this.network) return this.shell.draw();
    const view = this.views.get(this.view);
    if (view !== this.shown) {
      this.shown?.hide();
      byId("main").replaceChildren(view.root);
      this.shown = view;
      this.tell("");
    }
    this.shell.draw();
    for (const part of [view.show(), this.handout.update(this.network)]) part.catch((error) => this.fail(error));
  }

  #step(way) {
    const { at, of } = this.network?.story ?? { at: 0, of: Infinity };
    if (this.shown?.step) this.shown.step(way);
    else this.go({ step: Math.min(Math.max((this.address.step ?? at) + way, 0), of) });
  }

  #resize(way) {
    const at = SIZES.indexOf(Number(this.address.size) || 100);
    this.go({ size: String(SIZES[Math.min(Math.max(at + way, 0), SIZES.length - 1)]) });
  }
}

/** Whether somebody types, or the key means something where the focus is. */
function isTaken({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=button]), [contenteditable]")) return true;
  if (key === " ") return target.closest("button, a, summary, input, label") !== null;
  return key.startsWith("Arrow") && target.closest("input, [role=slider], [role=tablist], .scroll") !== null;
}

function fillScreen() {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
  done?.catch(() => undefined);
}

new Page().start();
