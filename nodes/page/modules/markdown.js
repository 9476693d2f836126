/**
 * A small part of Markdown as elements: headings, paragraphs, lists, code, bold, and links within the page. All else is text.
 */

import { element } from "./elements.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((#[^)\s]*)\)/g;
const FENCE = /^(\s*)```/;
const ITEM = /^(\s*)(?:[-*]|(\d+)\.)\s+(.*)$/;

/** `href`: where a link such as `#view=tamper` leads */
export function markdown(source, href) {
  const root = element("div", { class: "markdown" });
  /** The list at the top, and its newest item, while it goes on */
  let [list, item, open] = [null, null, null];
  /** What is written in each element, until all its lines are known */
  const texts = new Map();
  const write = (parent, made, text) => {
    parent.append(made);
    texts.set(made, text);
    open = made;
    return made;
  };
  const lines = source.split(/\r?\n/);
  for (let i = 0; i < lines.length; i += 1) {
    const [line, fence, found] = [lines[i], FENCE.exec(lines[i]), ITEM.exec(lines[i])];
    const heading = /^(#{1,4})\s+(.*)$/.exec(line);
    const isInside = item !== null && /^\s/.test(line);
    if (!fence && !found && !heading && line.trim() && open && texts.has(open)) {
      texts.set(open, joined(texts.get(open) ?? "", line.trim()));
      continue;
    }
    open = null;
    if (fence) {
      const end = lines.findIndex((other, at) => at > i && FENCE.test(other));
      const inner = lines.slice(i + 1, end < 0 ? undefined : end).map((one) => one.slice(fence[1].length));
      if (!isInside) [list, item] = [null, null];
      (item ?? root).append(element("pre", { tabindex: 0 }, element("code", {}, inner.join("\n"))));
      i = end < 0 ? lines.length : end;
    } else if (heading) {
      [list, item] = [null, null];
      write(root, element((`h${heading[1].length + 1}`)), heading[2]);
    } else if (found) {
      const kind = found[2] ? "ol" : "ul";
      const isNested = item !== null && found[1].length > 1;
      let into = isNested ? item.lastElementChild : list;
      if (into?.localName !== kind) {
        into = element(kind, { start: found[2] && found[2] !== "1" ? found[2] : null });
        (isNested ? item : root).append(into);
        if (!isNested) list = into;
      }
      const made = element("li");
      if (!isNested) item = made;
      into.append(made);
      write(made, element("span"), found[3]);
    } else if (line.trim()) {
      if (!isInside) [list, item] = [null, null];
      write(item ?? root, element("p"), line.trim());
    }
  }
  for (const [target, text] of texts) target.append(...inline(text, href));
  return root;
}

/** `line`: Chinese is written on without a space */
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
