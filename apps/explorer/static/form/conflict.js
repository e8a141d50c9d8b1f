// A 412, made visible: the version that was sent beside the one that is current.

import { el } from '../dom.js';
import { problem } from '../problem.js';

/**
 * @param {import('../api/explain.js').Explanation} explanation
 * @param {string | null} sent
 * @param {string | null} current
 * @param {() => void} reload
 * @returns {HTMLElement}
 */
export function conflict(explanation, sent, current, reload) {
  return el(
    'div',
    { id: 'conflict' },
    el(
      'div',
      { class: 'versions' },
      el('p', {}, el('span', {}, 'You sent If-Match'), el('code', { id: 'conflict-sent' }, sent ?? 'none')),
      el('p', {}, el('span', {}, 'Its ETag now'), el('code', { id: 'conflict-current' }, current ?? 'unknown')),
    ),
    problem(explanation),
    el(
      'button',
      { type: 'button', id: 'conflict-reload', onclick: reload },
      'Load the current version and try again',
    ),
  );
}
