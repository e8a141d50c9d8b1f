// One item: its view and its stream of events, side by side.

import { onlyTheLatest } from '../api/client.js';
import { urlOf } from '../api/document.js';
import { byId, el, fill } from '../dom.js';
import { headline } from './headline.js';
import { readStream } from './read_stream.js';
import { streamCard } from './stream_card.js';
import { viewCard } from './view_card.js';

/** @typedef {Record<string, any>} Json */
/** @typedef {import('../api/client.js').Reply} Reply */

/**
 * @typedef {object} Opened
 * @property {string} id
 * @property {Json} view
 * @property {string} etag
 */

/**
 * @typedef {object} Needs
 * @property {import('../api/document.js').Api} api
 * @property {import('../api/client.js').Send} send
 * @property {() => boolean} hasToken
 * @property {() => void} getToken
 * @property {(opened: Opened) => void} revise
 * @property {(opened: Opened) => void} remove
 * @property {() => void} close
 */

/**
 * @param {Needs} needs
 * @returns {{show: (id: string | null, options?: {focus?: boolean}) => Promise<void>}}
 *   `show` reads an item and shows it; null shows that none is open.
 */
export function itemPanel(needs) {
  const { api, send } = needs;
  const section = byId('item');
  const latest = onlyTheLatest();
  /** @type {string | null} */
  let shown = null;

  /**
   * @param {string | null} id
   * @param {{focus?: boolean}} [options]
   */
  async function show(id, { focus = false } = {}) {
    const isOther = id !== shown;
    shown = id;
    if (!id) {
      await latest(async () => fill(section, placeholder(api)));
      return;
    }
    if (isOther) fill(section, heading('Loading …'));
    if (focus) byId('item-title').focus();
    const read = await latest(async (signal) =>
      Promise.all([
        send('GET', urlOf(api, api.view, id), { signal }),
        api.history && needs.hasToken() ? readStream(needs, id, signal) : null,
      ]),
    );
    if (!read) return;
    const hadFocus = focus || section.contains(document.activeElement);
    fill(section, panel(needs, id, ...read, () => show(id)));
    if (hadFocus) byId('item-title').focus({ preventScroll: !focus });
    if (focus) section.scrollIntoView({ block: 'nearest' });
  }

  return { show };
}

/** @param {import('../api/document.js').Api} api */
function placeholder({ one }) {
  return el(
    'div',
    { class: 'placeholder' },
    heading(`No ${one} is open`),
    el('p', {}, 'Open one from the list to see its view beside the events that the view was made from.'),
  );
}

/**
 * @param {Needs} needs
 * @param {string} id
 * @param {Reply} reply
 * @param {import('./read_stream.js').Stream | null} stream null if there is no token to read it.
 * @param {() => void} again
 */
function panel(needs, id, reply, stream, again) {
  const { api, getToken } = needs;
  const opened = reply.ok ? { id, view: reply.body, etag: reply.headers.get('ETag') ?? '' } : null;
  const wasThere = reply.status === 404 && Boolean(stream?.events.length);
  const view = viewCard(needs, id, reply, { wasThere, again });
  const events =
    api.history &&
    streamCard(
      { path: api.history.path, getToken },
      stream,
      opened?.view.version ?? null,
      api.history.asOf ? view.showThen : null,
    );
  return el('div', {}, head(needs, id, opened, wasThere), el('div', { class: 'cards' }, view.element, events));
}

/**
 * @param {Needs} needs
 * @param {string} id
 * @param {Opened | null} opened
 * @param {boolean} wasThere
 */
function head({ api, revise, remove, close }, id, opened, wasThere) {
  const absence = wasThere ? `This ${api.one} is gone` : `No view of this ${api.one}`;
  return el(
    'header',
    { class: 'item-head' },
    el(
      'div',
      {},
      heading(opened ? headline(api.viewSchema, opened.view) : absence),
      el('p', { class: 'hint' }, el('code', {}, id)),
    ),
    el(
      'div',
      { class: 'buttons' },
      opened && api.change && button('revise-button', api.change.label, () => revise(opened)),
      opened && api.remove && button('remove-button', api.remove.label, () => remove(opened)),
      button('close-button', 'Close', close),
    ),
  );
}

/** @param {string} text */
function heading(text) {
  return el('h2', { id: 'item-title', tabindex: -1 }, text);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {() => void} onclick
 */
function button(id, label, onclick) {
  return el('button', { type: 'button', id, onclick }, label);
}
