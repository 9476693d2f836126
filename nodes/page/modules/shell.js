/**
 * What stands around every view: the way to the others, whom one acts as, and what everybody must know now.
 */

import { writeAddress } from "./address.js";
import { byId, element } from "./elements.js";
import { keySigns, showHelp } from "./keys.js";
import { write } from "./parts.js";
import { speaker } from "./speech.js";

/** Actions that have a button too. */
export const BUTTONS = ["do-smaller", "do-larger", "do-theme", "do-language", "do-help"];

export class Shell {
  constructor(page) {
    this.page = page;
    this.say = speaker(page, "shell");
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
    const option = (value, text) => element("option", { value, selected: value === (address.role ?? "") }, text);
    const roles = members.map(({ member }) => option(member, this.page.named(member)));
    byId("role").replaceChildren(option("", this.say("nobody")), ...roles);
    byId("other-tab").setAttribute("href", writeAddress(address, { role: "" }));
    byId("roles").hidden = !isLab || !members.length;
  }

  drawBanners() {
    const { network, trouble, isLab, isForMembers, source, token, address: { scenario: asked } } = this.page;
    const job = network?.job;
    byId("job").textContent = job && job.state !== "done" && job.state !== "failed" ? `${this.say(job.what)} …` : "";
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
    ];
    write(byId("banners"), banners.filter(Boolean));
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
    const rows = this.page.actions().map(({ keys, words }) => {
      return element("tr", {}, element("th", { scope: "row" }, ...keySigns(keys)), element("td", {}, words()));
    });
    showHelp(this.say("do-help"), this.say("close"), element("table", { class: "keys" }, element("tbody", {}, ...rows)));
  }
}
