/**
 * Plays a seed, or a checkpoint file, in the lab about seeds: a row for each step with the six digits of its block.
 */

import { element } from "./elements.js";
import { formOf, outcome } from "./parts.js";
import { Problem } from "./source.js";
import { speaker } from "./speech.js";
import { saidTable } from "./values.js";

/** `files` are checkpoint files of this start. */
export function seedPanel(page, files) {
  const say = speaker(page, "seeds");
  const shown = element("div", { "aria-live": "polite" });
  const play = async (order, caption) => {
    try {
      const { rows } = await page.source.post(`/replay?lang=${page.language}`, order);
      const cells = rows.map(({ place, words, height, digits, block }) => {
        return [place, words, height, element("span", { title: block }, digits)];
      });
      const made = saidTable(say, ["step", "words", "height", "block"], cells, caption, { caption });
      shown.replaceChildren(made, ...[...shown.querySelectorAll(".scroll")].slice(0, 1)); // two to compare
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      shown.replaceChildren(outcome("rejected", error.detail));
    }
  };
  const fields = ["seed", "to", "late", "minutes"].map((name) => {
    const digits = { inputmode: "numeric", pattern: "[0-9]{1,9}", size: 8, autocomplete: "off" };
    return element("input", { name, ...digits, required: name === "seed" });
  });
  const submit = () => {
    const [seed, to, late, minutes] = fields.map((field) => (field.value === "" ? undefined : Number(field.value)));
    const title = say(late === undefined ? "play-of" : "late-of", { seed, late, minutes: minutes ?? 0 });
    play({ seed, to, late: late === undefined ? undefined : { step: late, minutes: minutes ?? 0 } }, title);
  };
  const labels = fields.map((field) => element("label", {}, element("span", {}, say(field.name)), field));
  const form = formOf(submit, { class: "row" }, ...labels, element("button", { class: "main" }, say("play")));
  const buttons = files.map((name) => {
    return element("button", { type: "button", click: () => play({ name }, name) }, say("file", { name }));
  });
  const row = element("div", { class: "row" }, ...buttons);
  return element("section", { class: "seeds" }, element("h3", {}, say("title")), form, row, shown);
}
