// What an event says, in lines.

import { inline } from '../words.js';

/** @typedef {Record<string, any>} Json */

/**
 * Return the values in an event's data. Data with one object in it is that object.
 *
 * @param {Json} data
 * @returns {{name: string, text: string}[]}
 */
export function changesOf(data) {
  const values = Object.values(data);
  const [only] = values;
  if (values.length === 1 && isObject(only)) return changesOf(only);
  return Object.entries(data)
    .map(([name, value]) => ({ name, text: value === null ? 'cleared' : inline(value) }))
    .filter(({ text }) => text !== '');
}

/** @param {unknown} value */
function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
