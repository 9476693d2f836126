/**
 * Plays a seed, or a checkpoint file, in the lab about seeds: a row for each step with the six digits of its block.
 */

import { element } from "./elements.js";
import { Problem } from "./source.js";
import { say } from "./speech.js";

/** @type {import("./speech.js").Words} */
const WORDS = {
  title: ["Play a seed", "执行一个种子"],
  seed: ["Seed", "种子"],
  to: ["To step (empty: to the end)", "到第几步（留空：到底）"],
  step: ["Late: before step", "推迟：在第几步之前"],
  minutes: ["so many minutes pass", "让多少分钟过去"],
  play: ["Play", "执行"],
  file: ["Play {name}", "执行 {name}"],
  "play-of": ["Seed {seed}", "种子 {seed}"],
  "late-of": ["Seed {seed}, step {step} late by {minutes} min", "种子 {seed}，第 {step} 步推迟 {minutes} 分钟"],
  place: ["step", "步"],
  words: ["what happens", "发生了什么"],
  height: ["height", "高度"],
  digits: ["block", "区块"],
};

/**
 * @param {import("./page.js").Page} page
 * @param {string[]} files checkpoint files of this start
 * @returns {HTMLElement}
 */
export function seedPanel(page, files) {
  const words = (/** @type {string} */ key, /** @type {any} */ values) => say(WORDS, page.language, key, values);
  const shown = element("div", { "aria-live": "polite" });
  const play = async (/** @type {any} */ order, /** @type {string} */ title) => {
    try {
      const { rows } = await page.source.post(`/replay?lang=${page.language}`, order);
      shown.replaceChildren(drawn(rows, title, words), ...[...shown.querySelectorAll(".scroll")].slice(0, 1)); // two to compare
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      shown.replaceChildren(element("p", { class: "outcome rejected" }, error.detail));
    }
  };
  const fields = ["seed", "to", "step", "minutes"].map((name) => element("input", { name, inputmode: "numeric", pattern: "[0-9]{1,9}", required: name === "seed", size: 8, autocomplete: "off" }));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [seed, to, step, minutes] = fields.map((field) => (field.value === "" ? null : Number(field.value)));
    const late = step === null ? {} : { late: { step, minutes: minutes ?? 0 } };
    play({ seed, ...(to === null ? {} : { to }), ...late }, words(step === null ? "play-of" : "late-of", { seed, step, minutes: minutes ?? 0 }));
  };
  const labels = fields.map((field) => element("label", {}, element("span", {}, words(field.name, {})), field));
  const form = element("form", { class: "row", submit }, ...labels, element("button", { class: "main" }, words("play", {})));
  const buttons = files.map((name) => element("button", { type: "button", click: () => play({ name }, name) }, words("file", { name })));
  return element("section", { class: "seeds" }, element("h3", {}, words("title", {})), form, element("div", { class: "row" }, ...buttons), shown);
}

/**
 * @param {any[]} rows
 * @param {string} title
 * @param {(key: string, values: any) => string} words
 */
function drawn(rows, title, words) {
  const names = ["place", "words", "height", "digits"];
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, words(name, {}))));
  const body = rows.map((row) => element("tr", {}, ...names.map((name) => element("td", { title: name === "digits" ? row.block : null }, String(row[name])))));
  return element("div", { class: "scroll", tabindex: 0 }, element("table", {}, element("caption", {}, title), element("thead", {}, head), element("tbody", {}, ...body)));
}
