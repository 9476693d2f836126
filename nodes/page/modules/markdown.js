/**
 * A small part of Markdown as elements: headings, paragraphs, lists, code, bold, and links within the page. All else is text.
 */

import { element } from "./elements.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((#[^)\s]*)\)/g;
const FENCE = /^\s*```/;
const HEADING = /^(#{1,4})\s+(.*)$/;
const ITEM = /^\s*(?:[-*]|(\d+)\.)\s+(.*)$/;

/** `href` says where a link such as `#view=tamper` leads. */
export function markdown(source, href) {
  const root = element("div", { class: "markdown" });
  /** The newest item of the list at the top, while the list goes on. */
  let item = null;
  for (const { kind, inset, text, start, lines } of blocksOf(source)) {
    const isItem = kind === "ol" || kind === "ul";
    const isNested = item !== null && inset > (isItem ? 1 : 0);
    const into = isNested ? item : root;
    if (isItem) {
      const isFirst = into.lastElementChild?.localName !== kind || (!isNested && item === null);
      const list = isFirst ? element(kind, { start: start !== "1" && start }) : into.lastElementChild;
      const made = element("li", {}, element("span", {}, ...inline(text, href)));
      list.append(made);
      into.append(list);
      if (!isNested) item = made;
      continue;
    }
    if (!isNested) item = null;
    if (lines) into.append(element("pre", { tabindex: 0 }, element("code", {}, lines.join("\n"))));
    else into.append(element(kind, {}, ...inline(text, href)));
  }
  return root;
}

/** Headings, paragraphs, items and code, each with its text and with the spaces before it. */
function blocksOf(source) {
  const blocks = [];
  /** The code that is open, and the text that the next line may go on. */
  let [code, open] = [null, null];
  for (const line of source.split(/\r?\n/)) {
    const inset = /^\s*/.exec(line)[0].length;
    const [heading, item] = [HEADING.exec(line), ITEM.exec(line)];
    if (code) {
      if (FENCE.test(line)) code = null;
      else code.lines.push(line.slice(code.inset));
    } else if (FENCE.test(line)) {
      [code, open] = [{ kind: "pre", inset, lines: [] }, null];
      blocks.push(code);
    } else if (!heading && !item && line.trim() && open) {
      open.text = joined(open.text, line.trim());
    } else {
      if (heading) open = { kind: `h${heading[1].length + 1}`, inset, text: heading[2] };
      else if (item) open = { kind: item[1] ? "ol" : "ul", inset, start: item[1], text: item[2] };
      else open = line.trim() ? { kind: "p", inset, text: line.trim() } : null;
      if (open) blocks.push(open);
    }
  }
  return blocks;
}

/** Two lines as one: Chinese is written on without a space. */
function joined(before, line) {
  return `${before}${before.charCodeAt(before.length - 1) > 0x2e80 || line.charCodeAt(0) > 0x2e80 ? "" : " "}${line}`;
}

export function inline(text, href = (hash) => hash) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, words, hash] = match;
    parts.push(text.slice(at, match.index));
    if (code) parts.push(element("code", {}, code));
    else if (bold) parts.push(element("strong", {}, ...inline(bold, href)));
    else parts.push(element("a", { href: href(hash) }, words));
    at = match.index + whole.length;
  }
  return [...parts, text.slice(at)];
}
