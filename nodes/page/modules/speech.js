/**
 * What the page says, in two languages. Each module keeps its own words; `{name}` in them is a place for a value.
 */

/** @typedef {"en" | "zh"} Language */
/** @typedef {Record<string, [string, string]>} Words English and Chinese by key */

/**
 * @param {Words} words
 * @param {Language} language
 * @param {string} key one without words is said as it is: a name that somebody else chose
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(words, language, key, values = {}) {
  const text = Object.hasOwn(words, key) ? words[key][language === "zh" ? 1 : 0] : key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * @param {{ language: Language }} page
 * @param {Words} words
 * @returns {(key: string, values?: Record<string, any>) => string} `say` in the language that the page has by then
 */
export function speaker(page, words) {
  return (key, values) => say(words, page.language, key, values);
}

/**
 * @param {number} time in milliseconds
 * @returns {string} the same instant on every laptop: UTC
 */
export function instant(time) {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
