// Values of a filter with counts, counted from the items that are loaded.

/** @typedef {Record<string, any>} Item */
/** @typedef {{value: string, count: number}} Facet */

/** How many values of a filter are shown. */
const SHOWN = 5;

/**
 * Return the property of an item that a filter is about: `author` is about `authors`.
 *
 * @param {string} filter
 * @param {readonly string[]} properties
 * @returns {string | null}
 */
export function propertyOf(filter, properties) {
  const plurals = [filter, `${filter}s`, `${filter}es`, filter.replace(/y$/, 'ies')];
  return plurals.find((name) => properties.includes(name)) ?? null;
}

/**
 * Return a filter's commonest values. A value that only one item has is none.
 *
 * @param {readonly Item[]} items
 * @param {string} filter
 * @returns {Facet[]}
 */
export function facets(items, filter) {
  const property = propertyOf(filter, [...new Set(items.flatMap(Object.keys))]);
  if (!property) return [];
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of items.flatMap((item) => item[property] ?? [])) {
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  const all = [...counts].map(([value, count]) => ({ value, count }));
  const common = all.filter(({ count }) => count > 1);
  return common.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, SHOWN);
}
