// The query side's listing: search as you type, filters, sorting, and page after page.

import { onlyTheLatest } from '../api/client.js';
import { urlOf } from '../api/document.js';
import { explain } from '../api/explain.js';
import { writePlace } from '../address.js';
import { byId, el, fill } from '../dom.js';
import { headline, otherValues } from '../item/headline.js';
import { problem } from '../problem.js';
import { sentence } from '../words.js';
import { filterPanel } from './filters.js';

/** @typedef {import('../address.js').Place} Place */
/** @typedef {Record<string, any>} Item */

/** How long typing pauses before it is searched for. */
const PAUSE = 180;

/** How many items a page has: enough for the counts to mean something. */
const LIMIT = 50;

/**
 * Show the listing, and keep it as the place in the address asks.
 *
 * @param {object} needs
 * @param {import('../api/document.js').Api} needs.api
 * @param {import('../api/client.js').Send} needs.send
 * @param {import('../cell.js').Cell<Place>} needs.place
 * @returns {{load: () => Promise<void>, focus: (id: string | null) => void, hasFocus: () => boolean}}
 *   `load` gets the first page again; `focus` goes to the link of an item, if it is there.
 */
export function browse({ api, send, place }) {
  const latest = onlyTheLatest();
  const search = /** @type {HTMLInputElement} */ (byId('search'));
  const list = byId('results');
  const more = /** @type {HTMLButtonElement} */ (byId('more-button'));
  /** @type {Item[]} */
  let items = [];
  /** @type {string | undefined} */
  let next;

  const panel = filterPanel(api, (change) => ask({ ...place.get().search, ...change }));

  /** @param {Record<string, string>} wanted */
  function ask(wanted) {
    const entries = Object.entries(wanted).filter(([name, value]) => value && !(name === 'sort' && wanted.q));
    place.set({ ...place.get(), search: Object.fromEntries(entries) });
  }

  async function load() {
    items = [];
    next = undefined;
    await page();
  }

  async function page() {
    list.setAttribute('aria-busy', 'true');
    const query = { ...place.get().search, limit: LIMIT, cursor: next };
    const url = urlOf(api, api.listing.path, '', query);
    const reply = await latest((signal) => send('GET', url, { signal }));
    if (!reply) return; // a newer request has taken over
    list.removeAttribute('aria-busy');
    if (!reply.ok) {
      more.hidden = true;
      fill(byId('results-status'));
      fill(list, el('li', {}, problem(explain(reply), { again: load })));
      return;
    }
    const first = items.length;
    items = [...items, ...reply.body.items];
    next = reply.body.next;
    show();
    if (first) list.querySelectorAll('a')[first]?.focus();
  }

  function show() {
    const count = items.length;
    more.hidden = !next;
    fill(byId('results-status'), count || next ? `${count} loaded${next ? ', more follow' : ', no more'}` : 'Nothing matches');
    fill(list, items.map((item) => el('li', {}, link(item))));
    panel.show(place.get().search, items);
    markOpen();
  }

  /** @param {Item} item */
  function link(item) {
    const schema = api.viewSchema;
    return el(
      'a',
      { href: writePlace({ ...place.get(), id: item.id }), 'data-id': item.id },
      el('strong', {}, headline(schema, item)),
      el('code', { class: 'version' }, `v${item.version}`),
      el('span', {}, otherValues(schema, item).join(' · ')),
    );
  }

  function markOpen() {
    for (const it of list.querySelectorAll('a')) {
      if (it.dataset.id === place.get().id) it.setAttribute('aria-current', 'true');
      else it.removeAttribute('aria-current');
    }
  }

  /** @type {ReturnType<typeof setTimeout>} */
  let pause;
  search.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => ask({ ...place.get().search, q: search.value.trim() }), PAUSE);
  });
  more.addEventListener('click', page);

  let shown = '';
  place.watch((now) => {
    markOpen();
    const wanted = JSON.stringify(now.search);
    if (wanted === shown) return;
    shown = wanted;
    if (document.activeElement !== search) search.value = now.search.q ?? '';
    panel.show(now.search, items);
    load();
  });

  search.placeholder = `Search ${api.many}`;
  search.closest('.search-row')?.toggleAttribute('hidden', !api.listing.hasSearch);
  byId('results-title').textContent = sentence(api.many);
  search.value = place.get().search.q ?? '';
  shown = JSON.stringify(place.get().search);
  panel.show(place.get().search, []);
  return {
    load,
    hasFocus: () => list.contains(document.activeElement),
    focus(id) {
      const links = [...list.querySelectorAll('a')];
      (links.find((it) => it.dataset.id === id) ?? search).focus();
    },
  };
}
