// The place in the address bar, which the back button changes too.

import { readPlace, writePlace } from './address.js';
import { cell } from './cell.js';

/**
 * @param {readonly string[]} names The listing's parameters.
 * @returns {import('./cell.js').Cell<import('./address.js').Place>}
 */
export function placeInAddress(names) {
  const place = cell(readPlace(location, names));
  addEventListener('popstate', () => place.set(readPlace(location, names)));
  place.watch((now) => {
    const reference = writePlace(now);
    if (reference === location.pathname + location.search + location.hash) return;
    const opensAnother = now.id !== readPlace(location, names).id;
    history[opensAnother ? 'pushState' : 'replaceState'](null, '', reference);
  });
  return place;
}
