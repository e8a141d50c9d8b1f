// A moment, in the reader's time zone.

import { el } from './dom.js';

/**
 * @param {string} text RFC 3339.
 * @returns {HTMLElement}
 */
export function moment(text) {
  return el('time', { datetime: text, title: text }, new Date(text).toLocaleString());
}
