// Requests to the API, with the token that there is, and how long each took.

/**
 * @typedef {object} Reply
 * @property {boolean} ok
 * @property {number} status 0 if there was no response.
 * @property {Headers} headers
 * @property {any} body JSON, or null.
 * @property {string} url
 * @property {string} method
 * @property {number} sent When it was sent, in milliseconds of the page's clock.
 * @property {number} received When its response began.
 */

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [headers]
 * @property {any} [body] JSON.
 * @property {string} [contentType]
 * @property {boolean} [authorized] Sends the token, if there is one.
 * @property {AbortSignal} [signal]
 */

/** @typedef {(method: string, url: string, options?: Options) => Promise<Reply>} Send */

/**
 * Return the function that sends a request. It rejects only when the request is aborted.
 *
 * @param {() => string | null} token
 * @param {typeof fetch} [fetching]
 * @returns {Send}
 */
export function client(token, fetching = (...it) => fetch(...it)) {
  return async (method, url, { headers = {}, body, contentType, authorized, signal } = {}) => {
    const all = new Headers(headers);
    const bearer = authorized && token();
    if (bearer) all.set('Authorization', `Bearer ${bearer}`);
    if (contentType) all.set('Content-Type', contentType);
    const sent = performance.now();
    const response = await fetching(url, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', // a cached view would hide what is measured
      signal,
    }).catch((error) => {
      if (signal?.aborted) throw error;
      return null;
    });
    const received = performance.now();
    return {
      ok: response?.ok ?? false,
      status: response?.status ?? 0,
      headers: response?.headers ?? new Headers(),
      body: response && (await json(response)),
      url,
      method,
      sent,
      received,
    };
  };
}

/**
 * Return a function that runs a task and aborts the one before, so that an old response never
 * replaces a newer one. It resolves to undefined when the task was aborted.
 *
 * @returns {<T>(task: (signal: AbortSignal) => Promise<T>) => Promise<T | undefined>}
 */
export function onlyTheLatest() {
  let current = new AbortController();
  return async (task) => {
    current.abort();
    const mine = new AbortController();
    current = mine;
    try {
      const result = await task(mine.signal);
      return mine.signal.aborted ? undefined : result;
    } catch (error) {
      if (mine.signal.aborted) return undefined;
      throw error;
    }
  };
}

/** @param {Response} response */
async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
