// Which version a change is for: the If-Match header, and an old one to see a conflict.

import { el } from '../dom.js';

/**
 * @param {number} version The version that the reader has seen.
 * @returns {{element: HTMLElement, ifMatch: () => string | null, show: (version: number) => void}}
 */
export function preconditionField(version) {
  const etags = { current: '', old: '', none: '' };
  const element = el(
    'fieldset',
    { class: 'precondition' },
    el('legend', {}, 'If someone else has changed it in the meantime'),
    choice('current', 'Refuse my change', true),
    choice('old', 'Show me a conflict: send an old version'),
    choice('none', 'Apply my change on top, without If-Match'),
  );
  /** @param {number} now */
  const show = (now) => {
    etags.current = `"${now}"`;
    etags.old = `"${now - 1}"`;
    for (const [value, etag] of Object.entries(etags)) {
      const shown = element.querySelector(`[data-etag="${value}"]`);
      if (shown && etag) shown.textContent = `If-Match: ${etag}`;
    }
    const first = element.querySelector('input[value="current"]');
    if (first instanceof HTMLInputElement) first.checked = true;
  };
  show(version);
  return {
    element,
    show,
    ifMatch() {
      const chosen = element.querySelector('input:checked');
      const value = chosen instanceof HTMLInputElement ? chosen.value : 'none';
      return etags[/** @type {keyof typeof etags} */ (value)] || null;
    },
  };
}

/**
 * @param {string} value
 * @param {string} label
 * @param {boolean} [checked]
 */
function choice(value, label, checked = false) {
  return el(
    'label',
    {},
    el('input', { type: 'radio', name: 'precondition', value, checked }),
    el('span', {}, label, value !== 'none' && el('code', { 'data-etag': value })),
  );
}
