/** The view `faults`. */

import { element } from "./elements.js";

export class FaultsView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("section", { class: "faults" });
  }

  /** Became visible, or address, language or role changed. */
  async show() {}

  hide() {}

  /** @param {any} network */
  update(network) {}
}
