/**
 * What stands around every view: the way to the others, whom one acts as, and what everybody must know now.
 */

import { writeAddress } from "./address.js";
import { byId, element } from "./elements.js";
import { showKeys } from "./keys.js";
import { write } from "./parts.js";
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
  nobody: ["act as: nobody", "身份：无"],
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
  failed: ["{what} failed: {why}", "{what}失败：{why}"],
  frozen: ["The teacher has frozen this lab: look at the projector.", "教师已冻结本实验室：请看投影。"],
  silent: ["This node does not answer. Others:", "本节点没有应答。其他节点："],
  "no-control": [
    "The lab is not up yet, or nobody controls it now (no-control). As soon as `network up --lab` runs it, this page goes on.",
    "实验尚未就绪，或现在没有程序控制它（no-control）。`network up --lab` 运行后，本页会自动继续。",
  ],
  members: [
    "Only members may read here, and a browser has no key to sign with: use a client with `tallystick token`, or set reads to open.",
    "此处仅限成员读取，而浏览器没有可签名的密钥：请使用带 `tallystick token` 的客户端，或将 reads 设为 open。",
  ],
  "other-scenario": ["This address speaks of the scenario {asked}; this network has {here}.", "此地址指的是场景 {asked}；本网络是 {here}。"],
  "no-lab": [
    "This node belongs to no lab, so nobody can act from here: you see its consensus, its ledger and its contracts.",
    "本节点不属于实验室，因此不能在此操作：可查看共识、账本与合约。",
  ],
  "no-token": [
    "You can look. To act, join with the code of the room, or open the address with the token that `network up --lab` prints.",
    "仅供查看。要操作，请用房间代码加入，或打开 `network up --lab` 打印的带令牌的地址。",
  ],
  "under-way": ["Lab {number} is under way: its handout", "实验 {number} 进行中：查看讲义"],
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
    document.title = `${view ? this.say(view) : ""} · ${node?.member ?? "Tallystick"}`;
    byId("node").textContent = node?.member ?? "";
    shown?.root.setAttribute("aria-label", this.say(view));
    const link = (name) =>
      element("a", { href: writeAddress(address, { view: name }), "aria-current": name === view && "page" }, this.say(name));
    byId("views").replaceChildren(...viewNames.map(link));
    byId("views").setAttribute("aria-label", this.say("views"));
    for (const name of [...BUTTONS, "role", "other-tab"]) {
      byId(name).title = this.say(name);
      byId(name).setAttribute("aria-label", this.say(name));
    }
    byId("do-language").textContent = this.say("do-language");
    this.#drawRoles();
    this.drawBanners();
  }

  #drawRoles() {
    const { address, members, isLab } = this.page;
    const named = ({ member, name }) => (!name || member.endsWith(`.${name}`) ? member : `${name} (${member})`);
    const option = (value, text) => element("option", { value, selected: value === (address.role ?? "") }, text);
    byId("role").replaceChildren(option("", this.say("nobody")), ...members.map((one) => option(one.member, named(one))));
    byId("other-tab").setAttribute("href", writeAddress(address, { role: "" }));
    byId("roles").hidden = !isLab || !members.length;
  }

  drawBanners() {
    const { network, trouble, isLab, isForMembers, source, token, address } = this.page;
    const job = network?.job;
    byId("job").textContent = job && job.state !== "done" && job.state !== "failed" ? `${this.say(job.what)} …` : "";
    const { scenario: asked } = address;
    const here = network?.scenario || this.say("none");
    const others = (network?.nodes ?? []).map((one) => this.#other(one));
    const banner = (kind, text, ...links) =>
      element("p", { class: `banner ${kind}`, role: kind === "bad" && "alert" }, text, ...links);
    const told = trouble && (trouble.code === "no-control" ? this.say("no-control") : trouble.message);
    const banners = [
      trouble && (trouble.status ? banner("bad", told) : banner("bad", this.say("silent"), ...others)),
      isForMembers && banner("bad", this.say("members")),
      network?.frozen && banner("wait", this.say("frozen")),
      network && asked && asked !== network.scenario && banner("wait", this.say("other-scenario", { asked, here })),
      network && !isLab && banner("", this.say("no-lab")),
      network && isLab && source.isLive && !token && banner("", this.say("no-token")),
      network?.exercise && this.page.view !== "exercises" && banner("", "", this.#handout(network.exercise)),
    ];
    write(byId("banners"), banners.filter(Boolean));
  }

  /** The way from any view to the lab that is under way. */
  #handout(number) {
    const href = writeAddress(this.page.address, { view: "exercises", lab: number });
    return element("a", { href }, this.say("under-way", { number }));
  }

  /** The way to another node of this network, reached as this one is; the token goes along unseen. */
  #other(node) {
    const url = new URL(node.url);
    if (url.port === location.port) return null;
    url.hostname = location.hostname;
    url.hash = writeAddress(this.page.address);
    const go = (event) => {
      event.preventDefault();
      url.hash = writeAddress(this.page.address, { token: this.page.token });
      location.assign(url);
    };
    return element("a", { href: url.href, click: go }, ` ${node.member} `);
  }

  help() {
    showKeys(this.say("do-help"), this.say("close"), this.page.actions());
  }
}
