/**
 * The address of what is seen: `#view=story&scenario=shipping&step=12&language=zh&role=north.member1`.
 *
 * Two tabs with two roles are two parties. The token of a lab comes in an address too, but does not stay in it: whoever
 * looks at a projector shall not read it there.
 */

const TOKEN = "tallystick-token";

/** @typedef {{ view?: string, scenario?: string, step?: number, language?: string, role?: string, theme?: string, size?: string, [name: string]: string | number | undefined }} Place */

/**
 * @param {string} hash
 * @returns {Place}
 */
export function readAddress(hash) {
  const fields = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  const { token, step, ...rest } = fields;
  if (token) sessionStorage.setItem(TOKEN, token);
  return /^\d{1,9}$/.test(step ?? "") ? { ...rest, step: Number(step) } : rest;
}

/**
 * @param {Place} place
 * @param {Place} [changes] an empty value leaves a field out
 * @returns {string}
 */
export function writeAddress(place, changes = {}) {
  const kept = Object.entries({ ...place, ...changes }).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `#${new URLSearchParams(kept.map(([name, value]) => [name, String(value)]))}`;
}

/** @returns {string} what this tab may act with, or nothing */
export function knownToken() {
  return sessionStorage.getItem(TOKEN) ?? "";
}
