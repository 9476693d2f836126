/**
 * Checks each proof that crossed when its step is opened, and again while its record is edited: from the digest of the other
 * ledger's genesis, by the code with which a node's page checks what its node says.
 */

import { checkProof, Unproved } from "./proofs.js";
import { canonical } from "./source.js";

/** The rules in the order in which they are checked. */
const RULES = ["shape", "genesis", "trust", "certificate", "path"];
const { geneses, proofs } = JSON.parse(document.getElementById("crossings").textContent);

for (const place of document.querySelectorAll("[data-proof]")) {
  const field = place.querySelector("textarea");
  const check = () => show(place, brokenRule(proofs[place.dataset.proof], field.value));
  field.addEventListener("input", check);
  place.closest("details").addEventListener("toggle", ({ target }) => target.open && check());
}

/** Empty where all rules hold; a record that is spelled in another way has other bytes. */
function brokenRule(proof, text) {
  try {
    const value = JSON.parse(text);
    checkProof(proof.kind === "absence" ? proof : { ...proof, value }, geneses[proof.ledger], proof.ledger);
    return canonical(value) === text ? "" : "path";
  } catch (error) {
    if (error instanceof SyntaxError) return "path";
    if (error instanceof Unproved) return error.rule;
    throw error;
  }
}

function show(place, rule) {
  const broken = rule ? RULES.indexOf(rule) : RULES.length;
  for (const line of place.querySelectorAll("[data-rule]")) {
    const at = RULES.indexOf(line.dataset.rule);
    line.dataset.verdict = at < broken ? "yes" : at === broken ? "no" : "";
  }
  place.dataset.verdict = rule ? "no" : "yes";
}
