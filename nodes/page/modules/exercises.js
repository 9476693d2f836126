/** The view `exercises`. */

import { element } from "./elements.js";

export class ExercisesView {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.root = element("section", { class: "exercises" });
  }

  /** Became visible, or address, language or role changed. */
  async show() {}

  hide() {}

  /** @param {any} network */
  update(network) {}
}
