/**
 * A form from a JSON Schema: what an operation takes, field by field. Nothing is checked here: the node says what does not fit.
 */

import { element } from "./elements.js";
import { sayer } from "./speech.js";
import { parsed, shown } from "./values.js";

/** @typedef {{ node: HTMLElement, read: () => any }} Field `read` gives undefined for what is left out */

const say = sayer("form");

/** @returns {Field} of a schema of an object; the contract has the words for names and values */
export function schemaForm(schema, language, contract) {
  return new Builder(schema.$defs ?? {}, language, contract).object(schema);
}

/** Each method makes a Field. */
class Builder {
  constructor(definitions, language, { names, terms }) {
    this.definitions = definitions;
    this.say = (key) => say(language, key);
    this.named = (name) => names[name][language];
    this.called = (value) => (terms[value] ? `${terms[value][language]} · ${value}` : String(value));
  }

  object(schema) {
    const required = schema.required ?? [];
    const names = [...new Set([...required, ...Object.keys(schema.properties ?? {})])]; // required keeps the order of the code
    const parts = names.map((name) => ({ name, ...this.#named(name, schema.properties[name], required.includes(name)) }));
    const given = () => parts.map((part) => [part.name, part.read()]).filter(([, value]) => value !== undefined);
    const read = () => Object.fromEntries(given());
    return { node: element("div", { class: "fieldset" }, ...parts.map((part) => part.node)), read };
  }

  #named(name, given, isRequired) {
    const schema = this.#resolved(given);
    const field = this.#field(name, schema, isRequired);
    const more = isRequired ? "" : ` ${this.say("optional")}`;
    const title = [this.named(name), " ", element("small", {}, element("code", {}, name), more)];
    const node = isGroup(field)
      ? element("fieldset", {}, element("legend", {}, ...title), field.node)
      : element("label", {}, element("span", {}, ...title), field.node);
    if (schema.type === "integer") node.append(hint(name, field.node));
    return { node, read: field.read };
  }

  #field(name, schema, isRequired) {
    const choices = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
    if (choices) return choice(choices, choices.map(this.called), schema.default, isRequired);
    if (schema.type === "boolean") {
      const box = element("input", { type: "checkbox", name, checked: schema.default === true });
      return { node: box, read: () => box.checked };
    }
    if (schema.type === "array") return this.#list(name, this.#resolved(schema.items ?? {}));
    if (schema.type === "object" && schema.properties) {
      const group = isSealed(schema) ? this.#sealed() : this.object(schema);
      return isRequired ? group : this.#perhaps(group);
    }
    if (schema.type === "integer") {
      const number = input({ inputmode: "numeric", value: schema.default ?? "" });
      const read = () => (/^-?\d+$/.test(number.value.trim()) ? Number(number.value) : number.value.trim() || undefined);
      return { node: number, read };
    }
    if (schema.type === "string") {
      const isMember = (schema.pattern ?? "").includes("\\.");
      const text = input({ value: schema.default ?? "", list: isMember && "members" });
      return { node: text, read: () => (text.value === "" && !isRequired ? undefined : text.value) };
    }
    return this.#json();
  }

  /** Items of one schema, added and taken out by hand. */
  #list(name, schema) {
    const items = new Set();
    const rows = element("ol");
    const add = () => {
      const item = this.#field(name, schema, true);
      if (!isGroup(item)) item.node.setAttribute("aria-label", `${this.named(name)} ${items.size + 1}`);
      const remove = () => {
        items.delete(item);
        row.remove();
      };
      const row = element("li", {}, item.node, this.#button("remove", remove));
      items.add(item);
      rows.append(row);
    };
    return { node: element("div", {}, rows, this.#button("add", add)), read: () => [...items].map((item) => item.read()) };
  }

  #button(key, click) {
    return element("button", { type: "button", click }, this.say(key));
  }

  #sealed() {
    const digest = input({ "aria-label": "sealed", spellcheck: "false", maxlength: 64 });
    return { node: element("div", {}, element("small", {}, this.say("sealed")), digest), read: () => ({ sealed: digest.value }) };
  }

  /** A field that may be left out as a whole. */
  #perhaps(field) {
    const box = element("input", { type: "checkbox", change: () => (field.node.hidden = !box.checked) });
    field.node.hidden = true;
    const label = element("label", { class: "inline" }, box, this.say("given"));
    return { node: element("div", {}, label, field.node), read: () => (box.checked ? field.read() : undefined) };
  }

  /** Whatever has no form of its own; text that is no JSON goes as text, and is refused. */
  #json() {
    const area = element("textarea", { rows: 2, placeholder: this.say("json") });
    return { node: area, read: () => (area.value ? parsed(area.value) : undefined) };
  }

  /** What a reference leads to; of "this or null", this. */
  #resolved(schema) {
    if (schema.$ref) return this.#resolved({ ...this.definitions[schema.$ref.split("/").at(-1)], default: schema.default });
    const whole = (schema.anyOf ?? []).filter((part) => part.type !== "null");
    return whole.length === 1 && schema.anyOf.length === 2 ? this.#resolved({ ...whole[0], default: schema.default }) : schema;
  }
}

function isGroup(field) {
  return field.node.matches("div, fieldset");
}

function isSealed(schema) {
  return Object.keys(schema.properties ?? {}).join() === "sealed";
}

function input(attributes) {
  return element("input", { type: "text", autocomplete: "off", ...attributes });
}

function choice(choices, names, preset, isRequired) {
  const given = choices.map((one, i) => element("option", { value: i, selected: one === preset }, names[i]));
  const select = element("select", {}, isRequired ? null : element("option", { value: "" }, "—"), ...given);
  return { node: select, read: () => (select.value === "" ? undefined : choices[Number(select.value)]) };
}

/** A number as a person reads it: the end of the field's name is the unit. */
function hint(name, number) {
  const output = element("output", { class: "quiet" });
  const draw = () => output.replaceChildren(/^-?\d+$/.test(number.value) ? shown(Number(number.value), name) : "");
  number.addEventListener("input", draw);
  draw();
  return output;
}
