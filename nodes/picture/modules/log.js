/**
 * A log made ready: its records, which message became of which, and where each height is spoken of.
 */

import { kindOf, labelText, parseLabel } from "./labels.js";
import { isWord, say } from "./speech.js";

/** @typedef {{ time: number, node?: string, kind: string, [field: string]: any }} LogRecord */
/** @typedef {{ index: number, why: string | null }} End where a batch arrived, or why it did not */
/**
 * One batch from one node to another. It may have no end (under way when the log stops) or two (it came twice).
 * @typedef {{ sent: number, from: string, to: string, kind: import("./labels.js").Kind, labels: string[], ends: End[] }} Flight
 */

/** A log of fewer milliseconds has no times to speak of: a scripted run, in which time stands still. */
const MOMENTS_MIN = 5;

export class Log {
  /** `records` are in order of time. */
  constructor(records) {
    this.records = records;
    this.start = records[0].time;
    /** Places in the diagram are milliseconds, or numbers of records: then each record has a column of its own. */
    this.isByOrder = this.duration < MOMENTS_MIN;
    /** In order of appearance. */
    this.nodes = [...new Set(records.flatMap((r) => [r.node, r.to, r.from].filter((name) => typeof name === "string" && name)))];
    /** In order of sending. */
    this.flights = [];
    /** The flight that a record is about. */
    this.flightOf = [];
    this.#matchMessages();
    /** Records of nodes, not of messages. */
    this.events = records.flatMap((record, index) => (isOfMessage(record) ? [] : [index]));
    /** By node: where it stopped or started. */
    this.turns = new Map(this.nodes.map((name) => [name, this.events.filter((i) => records[i].node === name && isTurn(records[i]))]));
    /** Records that speak of a height; status messages do not count. */
    this.ofHeight = new Map();
    /** The highest height spoken of, up to each record. */
    this.heightAt = [];
    this.#indexHeights();
  }

  /** Milliseconds since the first record. */
  time(index) {
    return this.records[index].time - this.start;
  }

  /** Milliseconds from the first record to the last. */
  get duration() {
    return this.time(this.records.length - 1);
  }

  /** Where the diagram shows the record. */
  place(index) {
    return this.isByOrder ? index + 1 : this.time(index);
  }

  /** The place of the last record. */
  get extent() {
    return this.place(this.records.length - 1);
  }

  /** The last record at or before it. */
  lastAt(place) {
    return Math.max(0, this.records.findLastIndex((_, i) => this.place(i) <= place));
  }

  /** Messages that are under way at some time between two places. */
  flightsBetween(from, to) {
    return this.flights.filter((flight) => this.place(flight.sent) <= to && this.endOf(flight) >= from);
  }

  /** Records of nodes from a place on, up to that record. */
  eventsBetween(from, index) {
    return this.events.filter((i) => i <= index && this.place(i) >= from);
  }

  /** The place of its last end. */
  endOf(flight) {
    return this.place(flight.ends.at(-1)?.index ?? flight.sent);
  }

  /** The next wanted record, or the end in that direction; without `wanted`, the next event of a node. */
  next(index, step, wanted = (record) => !isOfMessage(record)) {
    let at = index + step;
    while (at >= 0 && at < this.records.length && !wanted(this.records[at], at)) at += step;
    return Math.min(Math.max(at, 0), this.records.length - 1);
  }

  /** The record as a sentence about its node. */
  sentence(index, language) {
    const record = this.records[index];
    const key = `say-${record.kind}${variant(record)}`;
    if (!isWord(key)) return rest(record);
    const why = isWord(`why-${record.why}`) ? say(language, `why-${record.why}`) : record.why;
    const labels = labelText(language, this.flightOf[index]?.labels ?? []);
    return say(language, key, { ...record, why, labels, block: String(record.block ?? "").slice(0, 6) });
  }

  #matchMessages() {
    const known = new Map();
    this.records.forEach((record, index) => {
      let flight = null;
      if (record.kind === "sent") {
        const labels = Array.isArray(record.messages) ? record.messages.map(String) : [];
        flight = { sent: index, from: record.node ?? "", to: record.to, kind: kindOf(labels), labels, ends: [] };
        known.set(`${flight.from} ${flight.to} ${record.batch}`, flight);
        this.flights.push(flight);
      } else if (isOfMessage(record)) {
        flight = known.get(`${record.from} ${record.to ?? record.node} ${record.batch}`) ?? null;
        flight?.ends.push({ index, why: record.kind === "dropped" ? String(record.why) : null });
      }
      this.flightOf.push(flight);
    });
  }

  #indexHeights() {
    let height = 0;
    this.records.forEach((record, index) => {
      const spoken = this.#heightsOf(record);
      for (const one of spoken) {
        if (!this.ofHeight.has(one)) this.ofHeight.set(one, []);
        this.ofHeight.get(one)?.push(index);
      }
      height = Math.max(height, ...spoken);
      this.heightAt.push(height);
    });
  }

  #heightsOf(record) {
    if (record.kind === "sent" && Array.isArray(record.messages)) {
      const labels = record.messages.map((text) => parseLabel(String(text)));
      return [...new Set(labels.filter((l) => l.name !== "status" && l.name !== "fetch").flatMap((l) => l.height ?? []))];
    }
    return Number.isInteger(record.height) && record.kind !== "start" ? [record.height] : [];
  }
}

/** Whether it is about a message under way, not about a node: stepping from event to event passes over it. */
function isOfMessage(record) {
  return ["sent", "received", "dropped"].includes(record.kind) && record.batch !== undefined;
}

function isTurn(record) {
  return record.kind === "start" || record.kind === "crash" || record.kind === "stop";
}

function variant(record) {
  if (record.kind === "crash" && record.lost_writes) return "-lost";
  if (record.kind === "dropped" && record.from === record.node) return "-sent";
  return record.kind === "dropped" && record.batch === undefined ? "-unread" : "";
}

/** Kind and fields of a record of a kind without a sentence. */
function rest(record) {
  const { time, node, kind, sequence, ...fields } = record;
  return Object.keys(fields).length ? `${kind} ${JSON.stringify(fields)}` : kind;
}
