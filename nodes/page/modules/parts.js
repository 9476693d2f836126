/**
 * What views have in common: their words, their buttons, and parts that are drawn at each look at the network.
 */

import { element } from "./elements.js";
import { say } from "./speech.js";

/** A view with words of its own. */
export class View {
  /**
   * @param {any} page
   * @param {string} name
   * @param {import("./speech.js").Words} words
   */
  constructor(page, name, words) {
    this.page = page;
    this.words = words;
    this.root = element("section", { class: name });
  }

  hide() {}

  /**
   * @param {string} key
   * @param {Record<string, any>} [values]
   */
  say(key, values) {
    return say(this.words, this.page.language, key, values);
  }

  /**
   * @param {string} key
   * @param {() => void} click
   * @param {string} [sign] instead of the words, which then name it
   */
  button(key, click, sign) {
    const words = this.say(key);
    return element("button", { type: "button", "data-do": key, click, title: sign && words, "aria-label": sign && words }, sign ?? words);
  }
}

/**
 * Writes only what differs: the focus stays, and whoever hears the page is told of changes alone.
 * @param {Element} place
 * @param {Element[]} parts
 */
export function write(place, parts) {
  const text = parts.map((part) => `${part.className} ${part.textContent}`).join("\n");
  if (place.getAttribute("data-text") !== text) place.replaceChildren(...parts);
  place.setAttribute("data-text", text);
}
