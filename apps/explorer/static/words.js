// Names of the API's document as words, and values as text.

/**
 * Return the words of an identifier: `addBook` and `added_at` are "Add book" and "Added at".
 *
 * @param {string} identifier
 * @returns {string}
 */
export function sentence(identifier) {
  const words = identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Return the label of a property: its schema's title, or its name, as capitals if they are what its
 * description begins with or has in it (`isbn` is an "ISBN").
 *
 * @param {string} name
 * @param {Record<string, any>} schema
 * @returns {string}
 */
export function labelOf(name, schema) {
  if (schema.title) return schema.title;
  const capitals = name.toUpperCase();
  return new RegExp(`\\b${capitals}\\b`).test(schema.description ?? '') ? capitals : sentence(name);
}

/**
 * Return an operation id without its verb: `listBooks` is "books".
 *
 * @param {string} operationId
 * @returns {string}
 */
export function noun(operationId) {
  return sentence(operationId).split(' ').slice(1).join(' ');
}

/**
 * Return a duration for people.
 *
 * @param {number} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  if (milliseconds < 1) return 'under 1 ms';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Return a JSON value in one line.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function inline(value) {
  if (Array.isArray(value)) return value.map(inline).join(', ');
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
