/**
 * A form from a JSON Schema: what an operation takes, field by field. Nothing is checked here: the node says what does not fit.
 */

import { element } from "./elements.js";
import { say } from "./speech.js";
import { shown } from "./values.js";

/** @typedef {import("./speech.js").Language} Language */
/** @typedef {{ node: HTMLElement, read: () => any }} Field `read` gives undefined for what is left out */

/** @type {import("./speech.js").Words} */
const WORDS = {
  optional: ["may be left out", "可省略"],
  add: ["Add", "添加"],
  remove: ["Remove", "移除"],
  given: ["given", "填写"],
  sealed: [
    "Sealed: the ledger holds this digest alone; whoever may know the content gets it beside the ledger.",
    "密封：账本只存此摘要；有权知晓者在账本之外得到内容。",
  ],
  json: ["as JSON", "JSON 格式"],
};

/**
 * @param {any} schema of an object
 * @param {Language} language
 * @returns {Field}
 */
export function schemaForm(schema, language) {
  return new Builder(schema.$defs ?? {}, language).object(schema);
}

class Builder {
  /**
   * @param {Record<string, any>} definitions
   * @param {Language} language
   */
  constructor(definitions, language) {
    this.definitions = definitions;
    this.language = language;
  }

  /**
   * @param {any} schema
   * @returns {Field}
   */
  object(schema) {
    const required = schema.required ?? [];
    const names = [...new Set([...required, ...Object.keys(schema.properties ?? {})])]; // required keeps the order of the code
    const parts = names.map((name) => ({ name, ...this.named(name, schema.properties[name], required.includes(name)) }));
    const read = () => Object.fromEntries(parts.map((part) => [part.name, part.read()]).filter(([, value]) => value !== undefined));
    return { node: element("div", { class: "fieldset" }, ...parts.map((part) => part.node)), read };
  }

  /**
   * @param {string} name
   * @param {any} given schema
   * @param {boolean} isRequired
   * @returns {Field}
   */
  named(name, given, isRequired) {
    const schema = this.#resolved(given);
    const field = this.#field(name, schema, isRequired);
    const isGroup = field.node.matches("div, fieldset");
    const note = isRequired ? "" : say(WORDS, this.language, "optional");
    const title = [name, note && element("small", {}, ` ${note}`)];
    const node = isGroup ? element("fieldset", {}, element("legend", {}, ...title), field.node) : element("label", {}, element("span", {}, ...title), field.node);
    if (schema.type === "integer") node.append(hint(name, /** @type {HTMLInputElement} */ (field.node)));
    return { node, read: field.read };
  }

  /**
   * @param {string} name
   * @param {any} schema
   * @param {boolean} isRequired
   * @returns {Field}
   */
  #field(name, schema, isRequired) {
    const choices = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
    const preset = schema.default;
    if (choices) return this.#choice(choices, preset, isRequired);
    if (schema.type === "boolean") return checkbox(name, preset === true);
    if (schema.type === "array") return this.#list(name, this.#resolved(schema.items ?? {}));
    if (schema.type === "object" && schema.properties) {
      const group = isSealed(schema) ? this.#sealed() : this.object(schema);
      return isRequired ? group : this.#perhaps(group);
    }
    if (schema.type === "integer") {
      const number = input({ inputmode: "numeric", value: preset ?? "" });
      return { node: number, read: () => (/^-?\d+$/.test(number.value.trim()) ? Number(number.value) : number.value.trim() || undefined) };
    }
    if (schema.type === "string") {
      const isMember = (schema.pattern ?? "").includes("\\.");
      const text = input({ value: preset ?? "", list: isMember && "members" });
      return { node: text, read: () => (text.value === "" && !isRequired ? undefined : text.value) };
    }
    return this.#json();
  }

  /**
   * @param {any[]} choices
   * @param {any} preset
   * @param {boolean} isRequired
   * @returns {Field}
   */
  #choice(choices, preset, isRequired) {
    const options = choices.map((choice, i) => element("option", { value: i, selected: choice === preset }, String(choice)));
    const select = element("select", {}, ...(isRequired ? [] : [element("option", { value: "" }, "—")]), ...options);
    return { node: select, read: () => (select.value === "" ? undefined : choices[Number(select.value)]) };
  }

  /**
   * @param {string} name
   * @param {any} schema of one item
   * @returns {Field}
   */
  #list(name, schema) {
    /** @type {Set<Field>} */
    const items = new Set();
    const rows = element("ol");
    const add = () => {
      const item = this.#field(name, schema, true);
      if (!item.node.matches("div, fieldset")) item.node.setAttribute("aria-label", `${name} ${items.size + 1}`);
      const remove = () => {
        items.delete(item);
        row.remove();
      };
      const row = element("li", {}, item.node, element("button", { type: "button", click: remove }, say(WORDS, this.language, "remove")));
      items.add(item);
      rows.append(row);
    };
    const button = element("button", { type: "button", click: add }, say(WORDS, this.language, "add"));
    return { node: element("div", {}, rows, button), read: () => [...items].map((item) => item.read()) };
  }

  /** @returns {Field} */
  #sealed() {
    const digest = input({ "aria-label": "sealed", spellcheck: "false", maxlength: 64 });
    return { node: element("div", {}, element("small", {}, say(WORDS, this.language, "sealed")), digest), read: () => ({ sealed: digest.value }) };
  }

  /**
   * @param {Field} field
   * @returns {Field} one that may be left out as a whole
   */
  #perhaps(field) {
    const box = element("input", { type: "checkbox", change: () => (field.node.hidden = !box.checked) });
    field.node.hidden = true;
    const label = element("label", { class: "inline" }, box, say(WORDS, this.language, "given"));
    return { node: element("div", {}, label, field.node), read: () => (box.checked ? field.read() : undefined) };
  }

  /** @returns {Field} whatever has no form of its own; text that is no JSON goes as text, and is refused */
  #json() {
    const area = element("textarea", { rows: 2, placeholder: say(WORDS, this.language, "json") });
    const read = () => {
      try {
        return area.value ? JSON.parse(area.value) : undefined;
      } catch {
        return area.value;
      }
    };
    return { node: area, read };
  }

  /**
   * @param {any} schema
   * @returns {any} what a reference leads to; of "this or null", this
   */
  #resolved(schema) {
    if (schema.$ref) return this.#resolved({ ...this.definitions[schema.$ref.split("/").at(-1)], default: schema.default });
    const whole = (schema.anyOf ?? []).filter((/** @type {any} */ part) => part.type !== "null");
    return whole.length === 1 && schema.anyOf.length === 2 ? this.#resolved({ ...whole[0], default: schema.default }) : schema;
  }
}

/** @param {any} schema */
function isSealed(schema) {
  return Object.keys(schema.properties ?? {}).join() === "sealed";
}

/** @param {Record<string, any>} attributes */
function input(attributes) {
  return element("input", { type: "text", autocomplete: "off", ...attributes });
}

/**
 * @param {string} name
 * @param {boolean} isChecked
 * @returns {Field}
 */
function checkbox(name, isChecked) {
  const box = element("input", { type: "checkbox", name, checked: isChecked });
  return { node: box, read: () => box.checked };
}

/**
 * @param {string} name of a field, whose end is the unit
 * @param {HTMLInputElement} number
 * @returns {HTMLElement} the number as a person reads it
 */
function hint(name, number) {
  const output = element("output", { class: "quiet" });
  const draw = () => output.replaceChildren(/^-?\d+$/.test(number.value) ? shown(Number(number.value), name) : "");
  number.addEventListener("input", draw);
  draw();
  return output;
}
