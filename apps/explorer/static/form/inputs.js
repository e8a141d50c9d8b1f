// The inputs of a form's fields, and the messages beside them.

import { byId, el } from '../dom.js';

/** @typedef {import('./fields.js').Field} Field */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Input */

/**
 * @param {Field} field
 * @param {boolean} isNew An example would look like content where there is some.
 * @returns {Input}
 */
export function inputFor({ name, kind, required, hint, example, choices }, isNew) {
  const id = `field-${name}`;
  const hints = hint || kind === 'list' ? `hint-${name} ` : '';
  const properties = {
    id,
    name,
    autocomplete: 'off',
    placeholder: isNew && example && `e.g. ${example}`,
    'aria-required': required || null,
    'aria-describedby': `${hints}error-${name}`,
  };
  switch (kind) {
    case 'list':
      return el('textarea', { ...properties, rows: 2 });
    case 'long':
    case 'json':
      return el('textarea', { ...properties, rows: 3 });
    case 'flag':
      return el('input', { ...properties, type: 'checkbox' });
    case 'choice':
      return el('select', properties, el('option', { value: '' }, ''), choices.map((it) => el('option', {}, it)));
    default:
      return el('input', { ...properties, inputmode: kind === 'number' ? 'decimal' : null });
  }
}

/**
 * @param {Field} field
 * @param {Input | undefined} input
 * @param {boolean} isFirst
 * @param {boolean} isNew All is optional in a change.
 */
export function fieldRow({ name, label, kind, required, hint }, input, isFirst, isNew) {
  const explained = [hint, kind === 'list' ? 'One per line.' : ''].filter(Boolean).join(' ');
  return el(
    'p',
    { class: isFirst || kind === 'long' || kind === 'json' ? 'field wide' : 'field' },
    el('label', { for: `field-${name}` }, label, isNew && !required && el('small', {}, ' optional')),
    input,
    explained && el('span', { class: 'hint', id: `hint-${name}` }, explained),
    el('span', { class: 'field-error', id: `error-${name}` }),
  );
}

/** @param {Input} input */
export function typedIn(input) {
  return input instanceof HTMLInputElement && input.type === 'checkbox' ? input.checked : input.value;
}

/**
 * @param {Input | undefined} input
 * @param {string | boolean} value
 */
export function putIn(input, value) {
  if (input instanceof HTMLInputElement && typeof value === 'boolean') input.checked = value;
  else if (input) input.value = String(value);
}

/**
 * @param {Input} input
 * @param {readonly string[]} messages
 */
export function showError(input, messages) {
  if (messages.length === 0) return;
  input.setAttribute('aria-invalid', 'true');
  byId(`error-${input.name}`).textContent = messages.join('; ');
}

/** @param {HTMLElement} dialog */
export function clearErrors(dialog) {
  for (const input of dialog.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  for (const error of dialog.querySelectorAll('.field-error')) error.textContent = '';
}
