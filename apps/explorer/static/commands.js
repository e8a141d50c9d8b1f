// What a reader can do: the dialogs, the commands that they send, and the journeys of these.

import { urlOf } from './api/document.js';
import { explain } from './api/explain.js';
import { byId, fill } from './dom.js';
import { confirmation } from './form/confirm.js';
import { editor } from './form/editor.js';
import { follow } from './journey/follow.js';
import { draw } from './journey/lanes.js';
import { problem } from './problem.js';

/** @typedef {import('./api/client.js').Reply} Reply */
/** @typedef {import('./item/item.js').Opened} Opened */
/** @typedef {import('./journey/follow.js').Order} Order */

/**
 * @typedef {object} Needs
 * @property {import('./api/document.js').Api} api
 * @property {import('./api/client.js').Send} send
 * @property {() => boolean} hasToken
 * @property {() => Promise<boolean>} getToken
 * @property {(id: string) => void} changed Called when the view of an item is to be read again.
 */

/**
 * Return what can be done. Each needs a token, and asks for one if there is none.
 *
 * @param {Needs} needs
 */
export function commands({ api, send, hasToken, getToken, changed }) {
  const again = /** @type {HTMLButtonElement} */ (byId('resend-button'));
  const trouble = byId('page-problem');
  const confirm = confirmation();
  const edit = editor({ send: command, sent: toTheJourney, load, getToken });
  /** @type {{order: Order, id: string} | null} */
  let last = null;

  /**
   * Send a command and show its journey.
   *
   * @param {Order} order
   * @param {string} [repeated] The id of the item, when the command is sent again.
   * @returns {Promise<Reply>}
   */
  async function command(order, repeated) {
    fill(trouble);
    const { reply, journey } = await follow({ api, send, show: draw }, order, repeated);
    if (!reply.ok) return reply;
    const { id } = reply.body;
    last = { order, id };
    again.disabled = false;
    journey.then(() => changed(id));
    return reply;
  }

  /** @param {Reply} reply */
  function report(reply) {
    if (!reply.ok) fill(trouble, problem(explain(reply), { getToken }));
  }

  /** @param {string} id */
  async function load(id) {
    const reply = await send('GET', urlOf(api, api.view, id));
    changed(id);
    return reply.ok ? { id, view: reply.body, etag: reply.headers.get('ETag') ?? '' } : null;
  }

  /** @param {() => void} then */
  async function withToken(then) {
    if (hasToken() || (await getToken())) then();
  }

  /** @param {Opened} opened */
  async function remove({ id, etag }) {
    if (!api.remove) return;
    const { label } = api.remove;
    if (!(await confirm(`${label}?`, 'Its view is removed. Its events stay.', label))) return;
    const key = crypto.randomUUID();
    report(await command({ command: api.remove, id, body: undefined, key, ifMatch: etag }));
    toTheJourney();
  }

  return {
    create: () => withToken(() => api.create && edit(api.create)),
    /** @param {Opened} opened */
    revise: (opened) => withToken(() => api.change && edit(api.change, opened)),
    /** @param {Opened} opened */
    remove: (opened) => withToken(() => remove(opened)),
    resend: () => withToken(async () => last && report(await command(last.order, last.id))),
  };
}

function toTheJourney() {
  byId('journey-title').focus({ preventScroll: true });
  byId('journey').scrollIntoView({ block: 'start' });
}
