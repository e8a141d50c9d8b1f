// What an item is called, and a few of its values for one line.

import { inline } from '../words.js';

/** @typedef {Record<string, any>} Json */

/** Properties that every view has. They are shown in places of their own. */
const OF_THE_ENGINE = new Set(['id', 'version']);

/**
 * Return the property that names an item: the first text of its schema.
 *
 * @param {Json} schema
 * @returns {string | null}
 */
function headlineProperty(schema) {
  const found = ownProperties(schema).find(([, property]) => property.type === 'string');
  return found?.[0] ?? null;
}

/**
 * @param {Json} schema
 * @param {Json} item
 * @returns {string}
 */
export function headline(schema, item) {
  const name = headlineProperty(schema);
  return (name && item[name]) || item.id;
}

/**
 * Return a few other values of an item.
 *
 * @param {Json} schema
 * @param {Json} item
 * @returns {string[]}
 */
export function otherValues(schema, item) {
  const name = headlineProperty(schema);
  return ownProperties(schema)
    .filter(([it, property]) => it !== name && property.format !== 'date-time')
    .map(([it]) => inline(item[it] ?? ''))
    .filter(Boolean)
    .slice(0, 4);
}

/**
 * @param {Json} schema
 * @returns {[string, Json][]}
 */
export function ownProperties(schema) {
  return Object.entries(schema.properties ?? {}).filter(([name]) => !OF_THE_ENGINE.has(name));
}
