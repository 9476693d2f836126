/** The view `consensus`. */

import { element } from "./elements.js";

export class ConsensusView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("section", { class: "consensus" });
  }

  /** Became visible, or address, language or role changed. */
  async show() {}

  hide() {}

  /** @param {any} network */
  update(network) {}
}
