/**
 * Checks a proof of a node from the digest of the genesis alone, by this page's own code: the genesis, each change of
 * validators, the certificate of the block, and the path of what is claimed into that block. The rules are those of the
 * stand-alone verifier; kinds of proof that the page shows nowhere are refused.
 */

import { sha } from "./hashes.js";
import { isSigned } from "./signatures.js";
import { canonical } from "./source.js";

const [HASH, SIGNATURE, DIGITS] = [/^[0-9a-f]{64}$/, /^[0-9a-f]{128}$/, [..."0123456789abcdef"]];
const MEMBER = /^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/;
const KEY_CHARACTERS_MAX = 256;
const VIEW_MAX = 1e6;

/** Shapes, written as they look: an object has exactly these members, a list any number of its one item, a function decides. */
const COUNT = (value) => Number.isSafeInteger(value) && value >= 0;
const POSITIVE = (value) => COUNT(value) && value > 0;
const VIEW = (value) => POSITIVE(value) && value <= VIEW_MAX;
const NAME = (value) => typeof value === "string" && !/[\0\ud800-\udfff]/u.test(value); // nor half a character
const KEY = (value) => NAME(value) && value !== "" && [...value].length <= KEY_CHARACTERS_MAX;
const ANYTHING = () => true;
const STEP = (value) => isObject(value) && Object.keys(value).every((name) => DIGITS.includes(name) && fits(value[name], HASH));
const END = (value) => value === null || fits(value, { key: HASH, value: HASH });
const HEADER = {
  ledger: HASH, height: POSITIVE, time: COUNT, parent: HASH, transactions_root: HASH, receipts_root: HASH, state_root: HASH,
  history_root: HASH, validators: HASH, next_validators: HASH, proposer: MEMBER,
};
const CERTIFICATE = { kind: "commit", block: HASH, height: POSITIVE, view: VIEW, signers: [COUNT], signatures: [SIGNATURE] };
const DECIDED = { header: HEADER, certificate: CERTIFICATE };
const CHANGE = { ...DECIDED, validators: [{ member: MEMBER, public_key: HASH }] };
const FRAME = { format: "tallystick-proof-1", kind: ANYTHING, ledger: HASH, trust: [CHANGE], ...DECIDED };
const PLACE = { contract: NAME, collection: NAME, key: KEY, path: { steps: [STEP], leaf: END } };
const LEAF = { value: ANYTHING, index: COUNT, size: COUNT, path: [HASH] };
const KINDS = {
  state: { shape: { ...PLACE, value: ANYTHING }, check: checkState },
  absence: { shape: PLACE, check: checkState },
  transaction: { shape: LEAF, check: checkLeaf },
  receipt: { shape: LEAF, check: checkLeaf },
};

/** A proof that does not hold, by the first rule that is broken: shape, genesis, trust, certificate, path. */
export class Unproved extends Error {
  constructor(rule) {
    super(rule);
    this.rule = rule;
  }
}

/**
 * Raises Unproved unless the proof leads from a block after the genesis to the genesis with this digest.
 *
 * @param {any} genesis as any node hands it over @param {string} ledger the digest, from somebody whom the reader trusts
 * @returns of how many validators who signed the block, and how often validators had changed
 */
export function checkProof(proof, genesis, ledger) {
  const kind = isObject(proof) && Object.hasOwn(KINDS, proof.kind) ? KINDS[proof.kind] : null;
  need(kind && fits(proof, { ...FRAME, ...kind.shape }), "shape");
  need(proof.ledger === ledger && digestOf("genesis", genesis) === ledger, "genesis");
  const heights = [...proof.trust, proof].map((step) => step.header.height);
  need(heights.every((height, i) => !i || height > heights[i - 1]), "trust");
  let validators = firstValidators(genesis);
  for (const change of proof.trust) {
    checkDecided(change, validators, ledger, "trust");
    validators = change.validators;
    need(change.header.next_validators === digestOf("validators", validators), "trust");
  }
  checkDecided(proof, validators, ledger, "certificate");
  kind.check(proof);
  const names = proof.certificate.signers.map((index) => validators[index].member);
  return { names, count: validators.length, changes: proof.trust.length };
}

/** With the names in the genesis go the keys of its members. */
function firstValidators({ members, validators }) {
  const found = validators.map((name) => members.find(({ member }) => member === name));
  need(found.length && found.every(Boolean) && new Set(found.map((one) => one.public_key)).size === found.length, "genesis");
  return found.map(({ member, public_key }) => ({ member, public_key }));
}

/** Exactly a quorum of the validators, in order, signed the commit of this header. */
function checkDecided({ header, certificate }, validators, ledger, rule) {
  const { height, view, block, signers, signatures } = certificate;
  need(header.ledger === ledger && header.validators === digestOf("validators", validators), rule);
  need(height === header.height && block === digestOf("header", header), rule);
  const quorum = validators.length - Math.floor((validators.length - 1) / 3);
  need(signers.length === quorum && signatures.length === quorum, rule);
  need(signers.every((index, i) => index < validators.length && (!i || index > signers[i - 1])), rule);
  const said = { ledger, validators: header.validators, kind: "final", height, view, block, notarized_view: 0 };
  const message = tagged("statement", utf8(canonical(said)));
  need(signers.every((index, i) => isSigned(bytes(validators[index].public_key), message, bytes(signatures[i]))), rule);
}

/** A key has the value, or none, in the state after the header. The proof leaves out what lies on the key's path. */
function checkState({ kind, contract, collection, key, value, path: { steps, leaf }, header }) {
  const path = digest("state-key", utf8([contract, collection, key].join("\0")));
  need(steps.length > 0 && steps.length <= path.length, "path");
  need(steps.every((step, depth) => !Object.hasOwn(step, path[depth])), "path");
  need(leaf === null || leaf.key.startsWith(path.slice(0, steps.length)), "path");
  let node = leaf && digest("state-leaf", bytes(leaf.key + leaf.value));
  for (let depth = steps.length - 1; depth >= 0; depth--) {
    node = hashOfBranch(node === null ? steps[depth] : { ...steps[depth], [path[depth]]: node });
  }
  need(node === header.state_root, "path");
  if (kind === "absence") need(leaf?.key !== path, "path");
  else need(leaf?.key === path && leaf.value === digestOf("state-value", value), "path");
}

/** Which children there are, in 16 bits, and their hashes in order. */
function hashOfBranch(children) {
  const there = DIGITS.filter((digit) => Object.hasOwn(children, digit));
  const present = there.reduce((all, digit) => all | (1 << parseInt(digit, 16)), 0);
  return digest("state-branch", Uint8Array.of(present >> 8, present, ...bytes(there.map((digit) => children[digit]).join(""))));
}

/** RFC 9162, 2.1.3.2: the value is a leaf under a root of the header. Numbers may be larger than what shifts take. */
function checkLeaf({ kind, header, value, index, size, path }) {
  need(index < size, "path");
  const half = (number) => Math.floor(number / 2);
  let [place, last, node] = [index, size - 1, hex(sha(Uint8Array.of(0, ...utf8(canonical(value))), 32))];
  for (const sibling of path) {
    need(last > 0, "path");
    const isRight = place % 2 === 1 || place === last;
    node = hex(sha(Uint8Array.of(1, ...bytes(isRight ? sibling + node : node + sibling)), 32));
    while (isRight && place && place % 2 === 0) [place, last] = [half(place), half(last)];
    [place, last] = [half(place), half(last)];
  }
  need(last === 0 && node === header[`${kind}s_root`], "path");
}

function need(condition, rule) {
  if (!condition) throw new Unproved(rule);
}

function fits(value, shape) {
  if (typeof shape === "function") return shape(value);
  if (Array.isArray(shape)) return Array.isArray(value) && value.every((one) => fits(one, shape[0]));
  if (shape instanceof RegExp) return typeof value === "string" && shape.test(value);
  if (!isObject(shape)) return value === shape;
  const names = Object.keys(shape);
  const isExact = isObject(value) && Object.keys(value).length === names.length;
  return isExact && names.every((name) => Object.hasOwn(value, name) && fits(value[name], shape[name]));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Digest of a value for a purpose, in hexadecimal. */
export function digestOf(tag, value) {
  return digest(tag, utf8(canonical(value)));
}

/** SHA-256 for a purpose. */
function digest(tag, data) {
  return hex(sha(tagged(tag, data), 32));
}

/** What is hashed or signed: the purpose, a zero byte, the data. */
function tagged(tag, data) {
  return Uint8Array.from([...utf8(`tallystick/${tag}\0`), ...data]);
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
