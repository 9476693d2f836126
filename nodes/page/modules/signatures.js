/**
 * Ed25519 signatures (RFC 8032), judged exactly as the nodes judge them: without the cofactor, S below the order of the curve, R
 * compared as bytes, and neither key nor R of small order or in a second spelling, with which one signature fits many messages.
 *
 * The curve is -x² + y² = 1 + d·x²·y² modulo 2²⁵⁵ - 19. A point is (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
 */

import { sha } from "./hashes.js";

const PRIME = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = modulo(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (PRIME - 1n) / 4n);
const NEUTRAL = [0n, 1n, 1n, 0n];
const BASE = decoded(4n * inverse(5n) % PRIME, 0n);

/** Whether the key signed: R = S·B - h·A. All bytes; for other lengths no. */
export function isSigned(key, message, signature) {
  const [r, s, a] = [signature.slice(0, 32), number(signature.slice(32)), number(key)];
  if (key.length !== 32 || signature.length !== 64 || s >= ORDER) return false;
  const point = decoded(BigInt.asUintN(255, a), a >> 255n);
  if (point === null || hasSmallOrder(point)) return false;
  const [x, y, z, t] = point;
  const h = number(sha(Uint8Array.from([...r, ...key, ...message]), 64)) % ORDER;
  const total = twoMultiples(s, BASE, h, [-x, y, z, -t]);
  const scale = inverse(total[2]);
  const spelled = modulo(total[1] * scale) | ((modulo(total[0] * scale) & 1n) << 255n);
  return number(r) === spelled && !hasSmallOrder(total);
}

/** s·p + h·q, doubled bit by bit. */
function twoMultiples(s, p, h, q) {
  const parts = [null, p, q, sum(p, q)];
  let total = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit--) {
    const part = parts[Number(((s >> bit) & 1n) | (((h >> bit) & 1n) << 1n))];
    total = sum(total, total);
    if (part) total = sum(total, part);
  }
  return total;
}

/** Holds for all pairs, equal ones too. */
function sum([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const [a, b] = [(y1 - x1) * (y2 - x2) % PRIME, (y1 + x1) * (y2 + x2) % PRIME];
  const [c, d] = [2n * D * t1 % PRIME * t2 % PRIME, 2n * z1 * z2 % PRIME];
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME];
}

/** Whether it is one of the eight points whose eightfold is the neutral one. */
function hasSmallOrder(point) {
  const twice = sum(point, point);
  const fourfold = sum(twice, twice);
  return modulo(sum(fourfold, fourfold)[0]) === 0n;
}

/** The point with this y and this sign of x, null if the curve has none or the spelling is a second one. */
function decoded(y, sign) {
  if (y >= PRIME) return null;
  const square = modulo((y * y - 1n) * inverse(D * y * y + 1n));
  const root = power(square, (PRIME + 3n) / 8n);
  const found = [root, root * ROOT_OF_MINUS_ONE % PRIME].find((x) => x * x % PRIME === square);
  if (found === undefined) return null;
  const x = (found & 1n) === sign ? found : modulo(-found);
  return [x, y, 1n, x * y % PRIME];
}

/** Of bytes, the lowest first. */
function number(bytes) {
  return bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
}

function inverse(value) {
  return power(modulo(value), PRIME - 2n);
}

function power(base, exponent) {
  let result = 1n;
  for (; exponent; exponent >>= 1n) {
    if (exponent & 1n) result = result * base % PRIME;
    base = base * base % PRIME;
  }
  return result;
}

function modulo(value) {
  return ((value % PRIME) + PRIME) % PRIME;
}
