/**
 * What stands around every view: the way to the others, whom one acts as, and what everybody must know now.
 */

import { writeAddress } from "./address.js";
import { byId, element } from "./elements.js";
import { showKeys } from "./keys.js";
import { speaker } from "./speech.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  story: ["Story", "故事"],
  consensus: ["Consensus", "共识"],
  ledger: ["Ledger", "账本"],
  faults: ["Faults", "故障"],
  tamper: ["Tamper", "篡改"],
  contracts: ["Contracts", "合约"],
  exercises: ["Labs", "实验"],
  record: ["Record", "记录"],
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
  none: ["none", "无场景"],
  "no-lab": [
    "This node belongs to no lab, so nobody can act from here: you see its consensus, its ledger and its contracts.",
    "本节点不属于实验室，因此不能在此操作：可查看共识、账本与合约。",
  ],
  "no-token": [
    "You can look. To act, open the address with the token that `network up --lab` prints.",
    "仅供查看。要操作，请打开 `network up --lab` 打印的带令牌的地址。",
  ],
  // Jobs
  reset: ["reset", "重置"],
  restore: ["restore", "恢复"],
  checkpoint: ["checkpoint", "检查点"],
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
/** Actions that have a button too. */
export const BUTTONS = ["do-smaller", "do-larger", "do-theme", "do-language", "do-help"];

export class Shell {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.say = speaker(page, WORDS);
  }

  draw() {
    const { address, language, view, viewNames, node, shown } = this.page;
    const root = document.documentElement;
    root.lang = language;
    root.dataset.theme = address.theme ?? "";
    root.style.setProperty("--size-factor", String((Number(address.size) || 100) / 100));
    document.title = `${this.say(view)} · ${node?.member ?? "Tallystick"}`;
    byId("node").textContent = node?.member ?? "";
    shown.root.setAttribute("aria-label", this.say(view));
    const link = (/** @type {string} */ name) =>
      element("a", { href: writeAddress(address, { view: name }), "aria-current": name === view && "page" }, this.say(name));
    byId("views").replaceChildren(...viewNames.map(link));
    byId("views").setAttribute("aria-label", this.say("views"));
    for (const name of [...BUTTONS, "role", "other-tab"]) this.#name(byId(name), name);
    byId("do-language").textContent = this.say("do-language");
    this.#drawRoles();
    this.drawBanners();
  }

  #drawRoles() {
    const { address, members, isLab } = this.page;
    const named = (/** @type {any} */ { member, name }) => (!name || member.endsWith(`.${name}`) ? member : `${name} (${member})`);
    const option = (/** @type {string} */ value, /** @type {string} */ text) =>
      element("option", { value, selected: value === (address.role ?? "") }, text);
    byId("role").replaceChildren(option("", this.say("nobody")), ...members.map((one) => option(one.member, named(one))));
    byId("other-tab").setAttribute("href", writeAddress(address, { role: "" }));
    byId("roles").hidden = !isLab || !members.length;
  }

  drawBanners() {
    const { network, trouble, isLab, source, token } = this.page;
    const isSilent = trouble?.status === 0;
    const job = network?.job;
    const isWorking = job && job.state !== "done" && job.state !== "failed";
    byId("job").textContent = isWorking ? this.say("working", { what: this.say(job.what) }) : "";
    const asked = this.page.address.scenario ?? "";
    const here = network?.scenario || this.say("none");
    const others = isSilent ? (network?.nodes ?? []).map((/** @type {any} */ one) => this.#other(one)) : [];
    const banner = (/** @type {string} */ kind, /** @type {string} */ text, /** @type {Node[]} */ ...links) =>
      element("p", { class: `banner ${kind}`, role: kind === "bad" && "alert" }, text, ...links);
    const banners = [
      isSilent && banner("bad", this.say("silent"), ...others),
      trouble && !isSilent && banner("bad", trouble.message),
      network?.frozen && banner("wait", this.say("frozen")),
      network && asked && asked !== network.scenario && banner("wait", this.say("other-scenario", { asked, here })),
      network && !isLab && banner("", this.say("no-lab")),
      network && isLab && source.isLive && !token && banner("", this.say("no-token")),
    ].filter(Boolean);
    const place = byId("banners");
    const text = banners.map((one) => one.textContent).join("\n");
    if (place.dataset.text !== text) place.replaceChildren(...banners);
    place.dataset.text = text;
  }

  /** @param {any} node another one of this network, reached as this one is */
  #other(node) {
    const url = new URL(node.url);
    if (url.port === location.port) return null;
    url.hostname = location.hostname;
    url.hash = writeAddress(this.page.address, { token: this.page.token });
    return element("a", { href: url.href }, ` ${node.member} `);
  }

  help() {
    showKeys(/** @type {HTMLDialogElement} */ (byId("help")), this.say("do-help"), this.say("close"), this.page.actions());
  }

  /**
   * @param {HTMLElement} target
   * @param {string} key
   */
  #name(target, key) {
    target.title = this.say(key);
    target.setAttribute("aria-label", this.say(key));
  }
}
