/**
 * SHA-256 and SHA-512 (FIPS 180-4): a page that came over plain HTTP gets none from the browser.
 *
 * Both are one function over words of 32 or of 64 bits. Their constants are the first bits of square and cube roots of primes.
 */

const ROUNDS = { 32: 64, 64: 80 };
/** How far words are turned (and, last of a row, shifted): of the state, of the state, of the message, of the message. */
const TURNS = {
  32: [[2, 13, 22], [6, 11, 25], [7, 18, 3], [17, 19, 10]],
  64: [[28, 34, 39], [14, 18, 41], [1, 8, 7], [19, 61, 6]],
};
const PRIMES = firstPrimes(ROUNDS[64]);
const START = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2));
const KEYS = PRIMES.map((prime) => rootFraction(prime, 3));
const words = { 32: numberWords(), 64: bigWords() };

/** @param {Uint8Array} data @returns {Uint8Array} 32 bytes */
export function shaShort(data) {
  return hash(data, 32);
}

/** @param {Uint8Array} data @returns {Uint8Array} 64 bytes */
export function shaLong(data) {
  return hash(data, 64);
}

function hash(data, bits) {
  const { of, add, turn, shift, start, keys } = words[bits];
  const [big0, big1, small0, small1] = TURNS[bits];
  const mixed = (x, [a, b, c]) => turn(x, a) ^ turn(x, b) ^ turn(x, c);
  const spread = (x, [a, b, c]) => turn(x, a) ^ turn(x, b) ^ shift(x, c);
  const view = new DataView(padded(data, bits).buffer);
  let state = start;
  for (let at = 0; at < view.byteLength; at += 2 * bits) {
    const w = Array.from({ length: 16 }, (_, i) => of(view, at + i * bits / 8));
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < ROUNDS[bits]; i++) {
      if (i > 15) w.push(add(w[i - 16], spread(w[i - 15], small0), w[i - 7], spread(w[i - 2], small1)));
      const one = add(h, mixed(e, big1), (e & f) ^ (~e & g), keys[i], w[i]);
      const two = add(one, mixed(a, big0), (a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [two, a, b, c, add(d, one), e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => add(word, state[i]));
  }
  const result = new DataView(new ArrayBuffer(bits));
  state.forEach((word, i) => words[bits].put(result, i * bits / 8, word));
  return new Uint8Array(result.buffer);
}

/** The message, one bit, zeros, and the message's length in bits, up to a whole number of blocks. */
function padded(data, bits) {
  const block = 2 * bits;
  const whole = new Uint8Array(Math.ceil((data.length + 1 + bits / 4) / block) * block);
  whole.set(data);
  whole[data.length] = 0x80;
  new DataView(whole.buffer).setBigUint64(whole.length - 8, 8n * BigInt(data.length));
  return whole;
}

function numberWords() {
  const upper = (word) => Number(word >> 32n) | 0;
  return {
    of: (view, at) => view.getInt32(at),
    put: (view, at, word) => view.setInt32(at, word),
    add: (...terms) => terms.reduce((sum, term) => (sum + term) | 0),
    turn: (x, n) => (x >>> n) | (x << (32 - n)),
    shift: (x, n) => x >>> n,
    start: START.map(upper),
    keys: KEYS.map(upper),
  };
}

function bigWords() {
  return {
    of: (view, at) => view.getBigUint64(at),
    put: (view, at, word) => view.setBigUint64(at, word),
    add: (...terms) => BigInt.asUintN(64, terms.reduce((sum, term) => sum + term)),
    turn: (x, n) => BigInt.asUintN(64, (x >> BigInt(n)) | (x << BigInt(64 - n))),
    shift: (x, n) => x >> BigInt(n),
    start: START,
    keys: KEYS,
  };
}

function firstPrimes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

/** The first 64 bits behind the point of a square or cube root, found bit by bit. */
function rootFraction(number, degree) {
  const [wanted, power] = [BigInt(number) << BigInt(64 * degree), BigInt(degree)];
  let root = 0n;
  for (let bit = 1n << 70n; bit; bit >>= 1n) if ((root | bit) ** power <= wanted) root |= bit;
  return BigInt.asUintN(64, root);
}
