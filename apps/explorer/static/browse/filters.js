// The listing's filters and its order, as the API's document declares them.

import { byId, el, fill } from '../dom.js';
import { labelOf, sentence } from '../words.js';
import { facets, propertyOf } from './facets.js';

/** @typedef {import('../api/document.js').Listing} Listing */
/** @typedef {import('../api/document.js').Filter} Filter */
/** @typedef {Readonly<Record<string, string>>} Search */

/**
 * Build the panel. `change` is called with the parameters that the reader changes.
 *
 * @param {import('../api/document.js').Api} api
 * @param {(change: Record<string, string>) => void} change
 * @returns {{show: (search: Search, items: Record<string, any>[]) => void}}
 */
export function filterPanel({ listing, viewSchema }, change) {
  const sort = sortField(listing, change);
  const fields = listing.filters.map((filter) => filterField(filter, viewSchema, change));
  const clear = el(
    'button',
    {
      type: 'button',
      id: 'clear-button',
      class: 'quiet',
      onclick: () => change(Object.fromEntries(listing.filters.map(({ name }) => [name, '']))),
    },
    'Clear the filters',
  );
  const note = el('p', { class: 'hint' });
  fill(byId('filters'), sort.element, fields.map(({ element }) => element), note, clear);
  const panel = /** @type {HTMLDetailsElement} */ (byId('filter-panel'));
  panel.open = matchMedia('(min-width: 81rem)').matches;
  return {
    show(search, items) {
      sort.show(search);
      for (const field of fields) field.show(search, items);
      const counted = items.length > 0 && fields.some(({ element }) => element.querySelector('.facets button'));
      note.textContent = counted ? `Counted in the ${items.length} that are loaded.` : '';
      clear.hidden = !listing.filters.some(({ name }) => search[name]);
    },
  };
}

/**
 * @param {Filter} filter
 * @param {Record<string, any>} schema The view's.
 * @param {(change: Record<string, string>) => void} change
 */
function filterField({ name, description, choices }, schema, change) {
  const property = propertyOf(name, Object.keys(schema.properties)) ?? '';
  const label = labelOf(name, schema.properties[property] ?? {});
  const id = `filter-${name}`;
  const input = choices
    ? el('select', { id, name }, el('option', { value: '' }, 'any'), choices.map((it) => el('option', {}, it)))
    : el('input', { id, name, autocomplete: 'off', spellcheck: 'false', title: description });
  const values = el('div', { class: 'facets', role: 'group', 'aria-label': `Values of ${label}` });
  input.addEventListener('change', () => change({ [name]: input.value.trim() }));
  const element = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    input,
    values,
  );
  return {
    element,
    /** @param {Search} search @param {Record<string, any>[]} items */
    show(search, items) {
      const chosen = search[name] ?? '';
      if (document.activeElement !== input) input.value = chosen;
      const hadFocus = values.contains(document.activeElement);
      const buttons = facets(items, name).map(({ value, count }) => {
        const pressed = same(value, chosen);
        return el(
          'button',
          {
            type: 'button',
            'data-filter': name,
            'aria-pressed': String(pressed),
            onclick: () => change({ [name]: pressed ? '' : value }),
          },
          el('span', {}, value),
          el('small', {}, count),
        );
      });
      fill(values, buttons);
      if (hadFocus) (buttons.find((it) => it.ariaPressed === 'true') ?? buttons[0])?.focus();
    },
  };
}

/**
 * @param {Listing} listing
 * @param {(change: Record<string, string>) => void} change
 */
function sortField({ sorts, defaultSort }, change) {
  const select = el(
    'select',
    { id: 'sort', name: 'sort' },
    sorts.map((it) => el('option', { value: it }, sortLabel(it))),
  );
  select.addEventListener('change', () => change({ sort: select.value === defaultSort ? '' : select.value }));
  const element = el('div', { class: 'field' }, el('label', { for: 'sort' }, 'Order'), select);
  element.hidden = sorts.length < 2;
  return {
    element,
    /** @param {Search} search */
    show({ q, sort }) {
      select.disabled = Boolean(q); // a search has an order of its own
      select.value = sort ?? defaultSort ?? '';
    },
  };
}

/** @param {string} sort */
function sortLabel(sort) {
  return sort.startsWith('-') ? `${sentence(sort.slice(1))}, descending` : sentence(sort);
}

/**
 * Return whether two texts are the same but for case and accents, as the service compares them.
 *
 * @param {string} one
 * @param {string} other
 */
function same(one, other) {
  return one.localeCompare(other, undefined, { sensitivity: 'base' }) === 0;
}
