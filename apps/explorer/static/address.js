// What the page shows, as its URL: `?q=sea&sort=-added#<id of the open item>`.

/**
 * @typedef {object} Place
 * @property {Readonly<Record<string, string>>} search The listing's parameters that are set.
 * @property {string | null} id The open item.
 */

/**
 * @param {{search: string, hash: string}} location
 * @param {readonly string[]} names The listing's parameters; others are ignored.
 * @returns {Place}
 */
export function readPlace(location, names) {
  const given = new URLSearchParams(location.search);
  /** @type {Record<string, string>} */
  const search = {};
  for (const name of names) {
    const value = given.get(name);
    if (value) search[name] = value;
  }
  const id = location.hash.slice(1);
  return { search, id: /^[0-9a-f-]{36}$/.test(id) ? id : null };
}

/**
 * @param {Place} place
 * @returns {string} A reference that is relative to the page.
 */
export function writePlace({ search, id }) {
  const query = new URLSearchParams(Object.entries(search).filter(([, value]) => value));
  return `/${query.size ? `?${query}` : ''}${id ? `#${id}` : ''}`;
}
