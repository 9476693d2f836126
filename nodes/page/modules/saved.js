/**
 * Answers of a page that was written to disk: what a node would say, from whole lists that are cut as the path asks.
 */

/** @typedef {Record<string, any>} Answers by path; a path with its query is one answer, without it a whole list */

const LOG = "/v1/lab/control/log";
const BLOCKS = "/v1/blocks";
const TRANSACTIONS = "/v1/transactions";
const STATE = "/v1/state/";
const DIGEST = /^[0-9a-f]{64}$/;
/** What a query may say that this page can do: the rest would need a node. */
const KNOWN = ["after", "limit", "proof", "lang", "role", "after_height", "before_height", "signer", "order", "height"];

/**
 * @param {Answers} answers
 * @param {string} whole path and query
 * @param {string} language
 * @returns {any} undefined where the page holds no answer
 */
export function savedAnswer(answers, whole, language) {
  const [path, text = ""] = whole.split("?");
  const query = new URLSearchParams(text);
  const lang = query.get("lang") ?? language;
  if (answers[`${path}?lang=${lang}`]) return answers[`${path}?lang=${lang}`];
  if ([...query.keys()].some((name) => name && !KNOWN.includes(name))) return undefined;
  if (path === LOG) return logPage(answers[LOG], Number(query.get("after") ?? 0), Number(query.get("limit") ?? Infinity));
  if (path === BLOCKS) return blockPage(answers[BLOCKS], Number(query.get("after") ?? 0), Number(query.get("limit") ?? Infinity));
  if (path === TRANSACTIONS) return transactionPage(answers[TRANSACTIONS], query);
  if (path.startsWith(`${TRANSACTIONS}/`)) return status(answers, path.slice(TRANSACTIONS.length + 1), lang);
  if (path.startsWith(`${BLOCKS}/`) && !answers[path]) return blockById(answers, path.slice(BLOCKS.length + 1));
  if (path.startsWith(STATE)) return answers[path]?.items ? { ...answers[path], next: null } : answers[path] ?? record(answers, path);
  return answers[path];
}

/**
 * @param {any} log
 * @param {number} after
 * @param {number} limit
 */
function logPage({ generation, records }, after, limit) {
  const newest = records.length ? records[records.length - 1].index : 0;
  const from = after < 0 ? Math.max(newest + after, 0) : after;
  const page = records.filter((/** @type {any} */ record) => record.index > from).slice(0, limit);
  return { generation, records: page, next: page.length ? page[page.length - 1].index : after < 0 ? newest : after };
}

/**
 * @param {any} list
 * @param {number} after
 * @param {number} limit
 */
function blockPage({ blocks, height }, after, limit) {
  const page = blocks.filter((/** @type {any} */ block) => block.height > after).slice(0, limit);
  return { blocks: page, height, next: page.length ? page[page.length - 1].height : after };
}

/**
 * @param {any} list
 * @param {URLSearchParams} query
 */
function transactionPage({ transactions }, query) {
  const [after, before, signer] = [query.get("after_height"), query.get("before_height"), query.get("signer")];
  const found = transactions.filter(
    (/** @type {any} */ row) =>
      (after === null || row.height > Number(after)) && (before === null || row.height < Number(before)) && (signer === null || row.signers.includes(signer)),
  );
  if (query.get("order") === "-height") found.reverse();
  return { transactions: found.slice(0, Number(query.get("limit") ?? found.length)), next: null };
}

/**
 * @param {Answers} answers
 * @param {string} id
 * @param {string} language
 */
function status(answers, id, language) {
  const row = answers[TRANSACTIONS].transactions.find((/** @type {any} */ one) => one.transaction === id);
  if (!row) return { transaction: id, status: "unknown" };
  const receipt = answers[`${BLOCKS}/${row.height}`]?.receipts[row.position];
  if (!receipt) return undefined;
  return { transaction: id, status: row.outcome, place: { height: row.height, position: row.position }, receipt, sentence: row.sentence?.[language] ?? "" };
}

/**
 * @param {Answers} answers
 * @param {string} id
 */
function blockById(answers, id) {
  const header = DIGEST.test(id) ? answers[BLOCKS].blocks.find((/** @type {any} */ one) => one.id === id) : null;
  return header ? answers[`${BLOCKS}/${header.height}`] : undefined;
}

/**
 * @param {Answers} answers
 * @param {string} path of a record
 */
function record(answers, path) {
  const place = path.lastIndexOf("/");
  const key = decodeURIComponent(path.slice(place + 1));
  return answers[path.slice(0, place)]?.items?.find((/** @type {any} */ item) => item.key === key);
}
