/**
 * SHA-256 and SHA-512 (FIPS 180-4): a page that came over plain HTTP gets none from the browser. Both are one function over
 * words of 32 or of 64 bits, whose constants are the first bits of square and cube roots of primes.
 */

const ROUNDS = { 32: 64, 64: 80 };
/** How far words are turned, and the last ones of the message shifted: of the state twice, of the message twice. */
const TURNS = {
  32: [[2, 13, 22], [6, 11, 25], [7, 18, 3], [17, 19, 10]],
  64: [[28, 34, 39], [14, 18, 41], [1, 8, 7], [19, 61, 6]],
};
const PRIMES = [];
for (let n = 2; PRIMES.length < ROUNDS[64]; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const START = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2n));
const KEYS = PRIMES.map((prime) => rootFraction(prime, 3n));

/** @param {Uint8Array} data @param {32|64} bits of a word: 32 for SHA-256, 64 for SHA-512 @returns {Uint8Array} */
export function sha(data, bits) {
  const width = BigInt(bits);
  const cut = (value) => BigInt.asUintN(bits, value);
  const turned = (x, n) => cut((x >> BigInt(n)) | (x << (width - BigInt(n))));
  const mixed = (x, [a, b, c]) => turned(x, a) ^ turned(x, b) ^ turned(x, c);
  const spread = (x, [a, b, c]) => turned(x, a) ^ turned(x, b) ^ (x >> BigInt(c));
  const [big0, big1, small0, small1] = TURNS[bits];
  const [start, keys] = [START, KEYS].map((all) => all.map((word) => word >> (64n - width)));
  const message = wordsOf(data, bits);
  let state = start;
  for (let at = 0; at < message.length; at += 16) {
    const w = message.slice(at, at + 16);
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < ROUNDS[bits]; i++) {
      if (i > 15) w.push(cut(w[i - 16] + spread(w[i - 15], small0) + w[i - 7] + spread(w[i - 2], small1)));
      const one = h + mixed(e, big1) + ((e & f) ^ (~e & g)) + keys[i] + w[i];
      const two = mixed(a, big0) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [cut(one + two), a, b, c, cut(d + one), e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => cut(word + state[i]));
  }
  const all = state.reduce((sum, word) => (sum << width) | word, 0n);
  return Uint8Array.from({ length: bits }, (_, i) => Number((all >> BigInt(8 * (bits - 1 - i))) & 255n));
}

/** The message, one bit, zeros, and the message's length in bits, up to a whole number of 16 words. */
function wordsOf(data, bits) {
  const whole = new Uint8Array(Math.ceil((data.length + 1 + bits / 4) / (2 * bits)) * 2 * bits);
  whole.set([...data, 0x80]);
  const view = new DataView(whole.buffer);
  view.setBigUint64(whole.length - 8, 8n * BigInt(data.length));
  const word = (_, i) => (bits === 64 ? view.getBigUint64(8 * i) : BigInt(view.getUint32(4 * i)));
  return Array.from({ length: whole.length * 8 / bits }, word);
}

/** The first 64 bits behind the point of a square or cube root, found bit by bit. */
function rootFraction(number, degree) {
  let root = 0n;
  for (let bit = 1n << 70n; bit; bit >>= 1n) if ((root | bit) ** degree <= BigInt(number) << (64n * degree)) root |= bit;
  return BigInt.asUintN(64, root);
}
