/**
 * The address of what is seen: `#view=story&scenario=shipping&step=12&language=zh&role=north.member1`.
 *
 * `#ledger` alone names a view, too. Two tabs with two roles are two parties. The token of a lab comes in an address too, but
 * does not stay in it: whoever looks at a projector shall not read it there.
 */

const TOKEN = "tallystick-token";

export function readAddress(hash) {
  const [bare] = /^[^&=]+(?=&|$)/.exec(hash.slice(1)) ?? [];
  const { token, step, ...rest } = Object.fromEntries(new URLSearchParams(`${bare ? "view=" : ""}${hash.slice(1)}`));
  if (token) sessionStorage.setItem(TOKEN, token);
  return /^\d{1,9}$/.test(step ?? "") ? { ...rest, step: Number(step) } : rest;
}

/** The address of a place with changes: an empty value leaves a field out. */
export function writeAddress(place, changes = {}) {
  const kept = Object.entries({ ...place, ...changes }).filter(([, value]) => (value ?? "") !== "");
  return `#${new URLSearchParams(kept.map(([name, value]) => [name, String(value)]))}`;
}

/** What this tab may act with, or nothing. */
export function knownToken() {
  return sessionStorage.getItem(TOKEN) ?? "";
}
