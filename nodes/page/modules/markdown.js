/**
 * Texts of labs as elements: blocks as the server makes them of a handout, and the marks within a sentence.
 */

import { element } from "./elements.js";

/** Of a text itself, of `[name, attributes, ...children]` an element. */
export function block(made) {
  if (!Array.isArray(made)) return made;
  const [name, attributes, ...children] = made;
  return element(name, attributes, ...children.map(block));
}

/** A sentence with `code` and **bold** in it. */
export function inline(sentence) {
  return sentence.split(/`([^`]+)`|\*\*([^*]+)\*\*/).map((text, i) => {
    if (i % 3 === 0 || text === undefined) return text;
    return element(i % 3 === 1 ? "code" : "strong", {}, text);
  });
}
