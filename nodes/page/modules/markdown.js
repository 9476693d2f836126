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
  return element("div", { class: "markdown" }, ...blocksOf(source.split(/\r?\n/), href));
}

/** What is set in under an item is a text of its own, whose first words are those of the item. */
function blocksOf(lines, href, first = "p") {
  const blocks = [];
  while (lines.length) {
    const line = lines.shift();
    const [heading, item] = [HEADING.exec(line), ITEM.exec(line)];
    if (FENCE.test(line)) {
      const code = taken(lines, (one) => !FENCE.test(one));
      lines.shift();
      blocks.push(element("pre", { tabindex: 0 }, element("code", {}, code.join("\n"))));
    } else if (heading) {
      blocks.push(element(`h${heading[1].length + 1}`, {}, ...inline(heading[2], href)));
    } else if (item) {
      const [start, kind] = [item[1], item[1] ? "ol" : "ul"];
      if (blocks.at(-1)?.localName !== kind) blocks.push(element(kind, { start: start !== "1" && start }));
      const inset = line.length - item[2].length;
      const own = [...taken(lines, isText), ...taken(lines, (one) => !one.trim() || one.startsWith("  "))];
      const inner = own.map((one) => one.slice(Math.min(inset, one.search(/\S|$/))));
      blocks.at(-1).append(element("li", {}, ...blocksOf([item[2], ...inner], href, "span")));
    } else if (line.trim()) {
      const words = [line, ...taken(lines, isText)].map((one) => one.trim()).reduce(joined);
      blocks.push(element(blocks.length ? "p" : first, {}, ...inline(words, href)));
    }
  }
  return blocks;
}

/** Takes lines off the beginning, as long as they are so. */
function taken(lines, isSo) {
  const end = lines.findIndex((line) => !isSo(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

function isText(line) {
  return line.trim() && ![FENCE, HEADING, ITEM].some((mark) => mark.test(line));
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
