/** The view `ledger`. */

import { element } from "./elements.js";

export class LedgerView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("section", { class: "ledger" });
  }

  /** Became visible, or address, language or role changed. */
  async show() {}

  hide() {}

  /** @param {any} network */
  update(network) {}
}
