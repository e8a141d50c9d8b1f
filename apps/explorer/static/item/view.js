// A view as a table of its properties, in the order of its schema.

import { el } from '../dom.js';
import { moment } from '../moment.js';
import { labelOf } from '../words.js';
import { ownProperties } from './headline.js';

/** @typedef {Record<string, any>} Json */

/**
 * @param {Json} schema
 * @param {Json} view
 * @returns {HTMLElement}
 */
export function viewTable(schema, view) {
  const rows = ownProperties(schema).filter(([name]) => isThere(view[name]));
  return el(
    'dl',
    { class: 'view' },
    rows.map(([name, property]) =>
      el('div', {}, el('dt', {}, labelOf(name, property)), el('dd', {}, value(view[name], property))),
    ),
  );
}

/**
 * @param {any} it
 * @param {Json} property
 * @returns {import('../dom.js').Child | import('../dom.js').Child[]}
 */
function value(it, property) {
  if (property.format === 'date-time') return moment(it);
  if (Array.isArray(it)) return it.map((one) => el('span', { class: 'one' }, String(one)));
  return typeof it === 'object' ? el('code', {}, JSON.stringify(it)) : String(it);
}

/** @param {any} it */
function isThere(it) {
  return it !== undefined && it !== null && !(Array.isArray(it) && it.length === 0);
}
