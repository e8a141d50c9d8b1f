// The frame that the view and the stream have in common.

import { el } from '../dom.js';

/**
 * @param {string} id
 * @param {string} title
 * @param {string} request Where its content comes from.
 * @param {HTMLElement | null} [aside]
 */
export function cardHead(id, title, request, aside = null) {
  return el('header', { class: 'card-head' }, el('h3', { id }, title), aside, el('code', {}, request));
}
