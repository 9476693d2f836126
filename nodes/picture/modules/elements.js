/**
 * Elements of the page. Whatever comes from a log goes in as text or as the value of a harmless attribute, never as markup.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Of `attributes`, a function is a listener; `false` or null leaves an attribute out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** Whether a page is dark: by its theme, else by what its reader prefers everywhere. */
export function isDark(theme) {
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function filled(target, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") target.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) target.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined) target.append(child instanceof Node ? child : String(child));
  }
  return target;
}
