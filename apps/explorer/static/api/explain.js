// What went wrong, in plain words. A reply is a problem (RFC 9457) or API Gateway's own error.

/** @typedef {import('./client.js').Reply} Reply */

/**
 * @typedef {object} Explanation
 * @property {string} title
 * @property {string} text
 * @property {string | null} type The URL of the problem's description.
 * @property {boolean} needsToken
 */

/** @type {Readonly<Record<number, string>>} For responses without words of their own. */
const WORDS = {
  0: 'The server cannot be reached. Is it running?',
  401: 'The token is missing, has expired or is not accepted here.',
  403: 'The token is valid, but has no scope for this.',
  404: 'There is nothing at this address.',
  429: 'There were more requests than the API allows. Wait a moment.',
  503: 'The service cannot respond now. Wait a moment and try again.',
};

/**
 * @param {Reply | Error} failure
 * @returns {Explanation}
 */
export function explain(failure) {
  if (failure instanceof Error) return words('The page failed', failure.message);
  const { status, body, url } = failure;
  const needsToken = status === 401 || status === 403;
  if (body?.title) return { ...words(body.title, detailOf(body)), type: typeUrl(body.type, url), needsToken };
  const title = body?.message ?? (status === 0 ? 'No response' : `Status ${status}`);
  return { ...words(title, WORDS[status] ?? 'The API gave no reason.'), needsToken };
}

/**
 * Return whether a view has not reached the version that was asked for, so far.
 *
 * @param {Reply} reply
 * @returns {boolean}
 */
export function isNotYetVisible({ status, body }) {
  return status === 503 && /[/:]not-yet-visible$/.test(body?.type ?? '');
}

/** @param {{status: number, type: string, detail: string}} problem */
function detailOf({ status, type, detail }) {
  if (isNotYetVisible(/** @type {Reply} */ ({ status, body: { type } }))) {
    return 'The write is stored, but its event has not been projected yet. Ask again in a moment.';
  }
  return detail ?? WORDS[status] ?? '';
}

/**
 * @param {unknown} type
 * @param {string} base
 * @returns {string | null}
 */
function typeUrl(type, base) {
  if (typeof type !== 'string' || type === 'about:blank') return null;
  const url = new URL(type, base);
  return /^https?:$/.test(url.protocol) ? url.href : null;
}

/**
 * @param {string} title
 * @param {string} text
 * @returns {Explanation}
 */
function words(title, text) {
  return { title, text, type: null, needsToken: false };
}
