/**
 * What a record means, for whoever does not know the protocol: who asks what of whom, and what can no longer happen then.
 */

import { parseLabel } from "./labels.js";
import { isWord, say } from "./speech.js";

/** Labels of a batch by which it is told, the weightiest first. */
const TOLD = ["commit-cert", "decided", "notar-cert", "skip-cert", "propose", "final", "vote", "skip"];
const COUNTED = ["vote", "final", "skip"];

/** The record as a sentence on what it means; as what it says where nothing more can be said of it. */
export function meaning(log, index, language, quorum) {
  const record = log.records[index];
  const names = namesOf(log.nodes);
  const name = (member) => names.get(member) ?? member;
  const told = (key, values) => say(language, `mean-${key}`, { quorum, node: name(record.node), ...values });
  const flight = log.flightOf[index];
  if (!flight) {
    const isKnown = record.node && isWord(`mean-${record.kind}`);
    return isKnown ? told(record.kind, { ...record, node: name(record.node) }) : plainly(log, index, name, language);
  }
  const labels = flight.labels.map(parseLabel);
  const label = TOLD.map((kind) => labels.find((one) => one.name === kind)).find(Boolean);
  if (!label || record.kind === "dropped") return plainly(log, index, name, language);
  const values = { ...label, from: name(flight.from), to: name(flight.to) };
  if (record.kind === "sent") return told(`sends-${label.name}`, values);
  const have = COUNTED.includes(label.name) && heard(log, index, record.node, label);
  return told(have ? `hears-${label.name}` : `gets-${label.name}`, { ...values, have });
}

/** Whether the same batch goes on to another node with the next record: of a message to all one record is enough. */
export function goesOn({ records, flightOf }, index) {
  const [one, next] = [flightOf[index], flightOf[index + 1]];
  const isSame = one && next && records[index].kind === "sent" && records[index + 1].kind === "sent" && one.from === next.from;
  return isSame && one.labels.join() === next.labels.join();
}

/** By how many the node knows that it was said, itself included. */
function heard(log, index, node, { name, height, view, block }) {
  const known = new Set();
  for (const at of log.ofHeight.get(height) ?? []) {
    if (at > index) break;
    const flight = log.flightOf[at];
    if (!flight || !flight.labels.map(parseLabel).some((one) => isSame(one, { name, height, view, block }))) continue;
    if (flight.from === node || flight.ends.some((end) => end.why === null && end.index <= index && flight.to === node)) {
      known.add(flight.from);
    }
  }
  return known.size;
}

function isSame(one, other) {
  return ["name", "height", "view", "block"].every((field) => one[field] === other[field]);
}

function plainly(log, index, name, language) {
  return `${name(log.records[index].node ?? "")} ${log.sentence(index, language)}`.trim();
}

/** By member what people call it: its organization, where only one node is of that. */
function namesOf(members) {
  const organization = (member) => member.split(".")[0];
  const isOnly = (member) => members.filter((one) => organization(one) === organization(member)).length === 1;
  const large = (word) => word[0].toUpperCase() + word.slice(1);
  return new Map(members.map((member) => [member, isOnly(member) ? large(organization(member)) : member]));
}
