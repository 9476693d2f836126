/** The view `contracts`. */

import { element } from "./elements.js";

export class ContractsView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("section", { class: "contracts" });
  }

  /** Became visible, or address, language or role changed. */
  async show() {}

  hide() {}

  /** @param {any} network */
  update(network) {}
}
