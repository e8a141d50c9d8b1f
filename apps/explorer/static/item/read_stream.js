// The events of a stream, over all pages.

import { urlOf } from '../api/document.js';

/**
 * @typedef {object} Stream
 * @property {readonly Record<string, any>[]} events Oldest first.
 * @property {import('../api/client.js').Reply | null} failure Why they cannot be read.
 * @property {boolean} isCut There are more.
 */

/** Streams are short: a page of a history has up to a hundred events. */
const PAGES = 10;

/**
 * @param {{api: import('../api/document.js').Api, send: import('../api/client.js').Send}} needs
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Stream>}
 */
export async function readStream({ api, send }, id, signal) {
  const events = [];
  let cursor;
  for (let page = 0; page < PAGES; page += 1) {
    const url = urlOf(api, api.history?.path ?? '', id, { limit: 100, cursor });
    const reply = await send('GET', url, { authorized: true, signal });
    if (!reply.ok) return { events, failure: reply, isCut: false };
    events.push(...reply.body.items);
    cursor = reply.body.next;
    if (!cursor) return { events, failure: null, isCut: false };
  }
  return { events, failure: null, isCut: true };
}
