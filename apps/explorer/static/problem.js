// A problem, shown.

import { el } from './dom.js';

/** @typedef {import('./api/explain.js').Explanation} Explanation */

/**
 * @param {Explanation} explanation
 * @param {{getToken?: () => void, again?: () => void}} [ways] What the reader can do about it.
 * @returns {HTMLElement}
 */
export function problem({ title, text, type, needsToken }, { getToken, again } = {}) {
  return el(
    'div',
    { class: 'problem' },
    el('p', {}, el('strong', {}, title)),
    el('p', {}, text),
    el(
      'p',
      { class: 'buttons' },
      needsToken && getToken && el('button', { type: 'button', onclick: getToken }, 'Get a token'),
      again && el('button', { type: 'button', onclick: again }, 'Try again'),
      type && el('a', { href: type }, 'What this problem means'),
    ),
  );
}
