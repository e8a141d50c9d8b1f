// The card of the view: as it is now, or as it was after one of its events.

import { urlOf } from '../api/document.js';
import { explain } from '../api/explain.js';
import { el, fill } from '../dom.js';
import { problem } from '../problem.js';
import { cardHead } from './card.js';
import { viewTable } from './view.js';

/** @typedef {Record<string, any>} Json */
/** @typedef {import('../api/client.js').Reply} Reply */

/**
 * @param {object} needs
 * @param {import('../api/document.js').Api} needs.api
 * @param {import('../api/client.js').Send} needs.send
 * @param {() => void} needs.getToken
 * @param {string} id
 * @param {Reply} reply That of the view.
 * @param {{wasThere: boolean, again: () => void}} absence What is known if there is no view.
 * @returns {{element: HTMLElement, showThen: (event: Json) => Promise<void>}}
 */
export function viewCard({ api, send, getToken }, id, reply, { wasThere, again }) {
  const element = el('section', { class: 'card of-query', id: 'view-card', 'aria-labelledby': 'view-title' });

  function showNow() {
    const etag = reply.ok ? etagChip(reply.headers.get('ETag') ?? '') : null;
    const absent = wasThere ? gone() : problem(explain(reply), { getToken, again });
    fill(
      element,
      cardHead('view-title', 'View', `GET ${api.view}`, etag),
      reply.ok ? viewTable(api.viewSchema, reply.body) : absent,
    );
  }

  /** @param {Json} event */
  async function showThen(event) {
    const opener = document.activeElement;
    const path = api.history?.path ?? '';
    const url = urlOf(api, path, id, { as_of: event.occurred_at });
    const then = await send('GET', url, { authorized: true });
    const onclick = () => {
      showNow();
      if (opener instanceof HTMLElement) opener.focus();
    };
    const back = el('button', { type: 'button', id: 'now-button', onclick }, 'Back to now');
    fill(
      element,
      cardHead('view-title', `As of version ${event.version}`, `GET ${path}?as_of=…`, back),
      then.ok ? viewTable(api.viewSchema, then.body) : problem(explain(then), { getToken }),
    );
    back.focus();
  }

  showNow();
  return { element, showThen };
}

function gone() {
  const words = 'The last event removed this view. The events stay.';
  return el('div', { class: 'quiet-box' }, el('p', {}, words));
}

/** @param {string} etag */
function etagChip(etag) {
  return el('p', { class: 'chip' }, 'ETag ', el('code', { id: 'view-version' }, etag));
}
