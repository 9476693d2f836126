/**
 * Answers of a page that was written to disk: what a node would say, from whole lists that are cut as the path asks.
 *
 * Answers stand by path; a path with its query is one answer, without it a whole list.
 */

const LOG = "/v1/lab/control/log";
const BLOCKS = "/v1/blocks";
const TRANSACTIONS = "/v1/transactions";
/** What a query may say that this page can do: the rest would need a node. */
const KNOWN = ["after", "limit", "proof", "lang", "role", "after_height", "before_height", "signer", "order", "height"];

/** @returns {any} undefined where the page holds no answer of that path and query */
export function savedAnswer(answers, whole, language) {
  const [path, text = ""] = whole.split("?");
  const query = new URLSearchParams(text);
  const lang = query.get("lang") ?? language;
  if (answers[`${path}?lang=${lang}`]) return answers[`${path}?lang=${lang}`];
  if ([...query.keys()].some((name) => name && !KNOWN.includes(name))) return undefined;
  const [after, limit] = [Number(query.get("after") ?? 0), Number(query.get("limit") ?? Infinity)];
  const [parent, last] = [path.slice(0, path.lastIndexOf("/")), decodeURIComponent(path.slice(path.lastIndexOf("/") + 1))];
  if (path === LOG) return logPage(answers[LOG], after, limit);
  if (path === BLOCKS) return blockPage(answers[BLOCKS], after, limit);
  if (path === TRANSACTIONS) return transactionPage(answers[TRANSACTIONS], query, limit);
  if (parent === TRANSACTIONS) return status(answers, last, lang);
  if (answers[path]) return answers[path].items ? { ...answers[path], next: null } : answers[path];
  if (parent === BLOCKS) return answers[`${BLOCKS}/${answers[BLOCKS].blocks.find((header) => header.id === last)?.height}`];
  return answers[parent]?.items?.find((item) => item.key === last);
}

function logPage({ generation, records }, after, limit) {
  const newest = records.at(-1)?.index ?? 0;
  const from = after < 0 ? Math.max(newest + after, 0) : after;
  const page = records.filter((record) => record.index > from).slice(0, limit);
  return { generation, records: page, next: page.at(-1)?.index ?? (after < 0 ? newest : after) };
}

function blockPage({ blocks, height }, after, limit) {
  const page = blocks.filter((block) => block.height > after).slice(0, limit);
  return { blocks: page, height, next: page.at(-1)?.height ?? after };
}

function transactionPage({ transactions }, query, limit) {
  const [after, before] = [Number(query.get("after_height") ?? -1), Number(query.get("before_height") ?? Infinity)];
  const signer = query.get("signer");
  const isMeant = (row) => row.height > after && row.height < before && (signer === null || row.signers.includes(signer));
  const found = transactions.filter(isMeant);
  if (query.get("order") === "-height") found.reverse();
  return { transactions: found.slice(0, limit), next: null };
}

function status(answers, id, language) {
  const row = answers[TRANSACTIONS].transactions.find((one) => one.transaction === id);
  if (!row) return { transaction: id, status: "unknown" };
  const { height, position } = row;
  const receipt = answers[`${BLOCKS}/${height}`]?.receipts[position];
  const sentence = row.sentence?.[language] ?? "";
  return receipt && { transaction: id, status: row.outcome, place: { height, position }, receipt, sentence };
}
