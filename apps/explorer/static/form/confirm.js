// A question before a command that takes something away.

import { el, fill } from '../dom.js';

/**
 * @returns {(title: string, text: string, label: string) => Promise<boolean>}
 */
export function confirmation() {
  const dialog = el('dialog', { id: 'confirm', 'aria-labelledby': 'confirm-title' });
  document.body.append(dialog);
  return (title, text, label) =>
    new Promise((resolve) => {
      dialog.returnValue = '';
      const close = (/** @type {string} */ value) => () => dialog.close(value);
      fill(
        dialog,
        el('h2', { id: 'confirm-title' }, title),
        el('p', {}, text),
        el(
          'p',
          { class: 'buttons' },
          el('button', { type: 'button', id: 'confirm-button', class: 'primary', onclick: close('yes') }, label),
          el('button', { type: 'button', class: 'quiet', autofocus: true, onclick: close('') }, 'Keep it'),
        ),
      );
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
      dialog.showModal();
    });
}
