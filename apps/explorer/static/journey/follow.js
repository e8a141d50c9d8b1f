// A command, sent and followed: through the log to the view.

import { explain, isNotYetVisible } from '../api/explain.js';
import { urlOf } from '../api/document.js';
import { readStream } from '../item/read_stream.js';
import { begin } from './journey.js';

/** @typedef {import('./journey.js').Journey} Journey */
/** @typedef {import('../api/client.js').Reply} Reply */

/**
 * @typedef {object} Order A command with all that is needed to send it, once or again.
 * @property {import('../api/document.js').Command} command
 * @property {string} id Of the item; empty where the command makes one.
 * @property {any} body
 * @property {string} key The Idempotency-Key.
 * @property {string | null} ifMatch
 */

/**
 * @typedef {object} Needs
 * @property {import('../api/document.js').Api} api
 * @property {import('../api/client.js').Send} send
 * @property {(journey: Journey) => void} show Called with each state of the journey.
 */

/** How often a view that is not there yet is asked for. Each time the service itself waits. */
const ATTEMPTS = 8;

/**
 * Send a command and follow it. Returns the response, and what ended the journey.
 *
 * @param {Needs} needs
 * @param {Order} order
 * @param {string} [repeated] The id of the item, when the command is sent again.
 * @returns {Promise<{reply: Reply, journey: Promise<Journey>}>}
 */
export async function follow(needs, order, repeated) {
  const { api, show } = needs;
  let journey = begin(`${order.command.method} ${order.command.path}`);
  const update = (/** @type {Partial<Journey>} */ change) => {
    journey = { ...journey, ...change };
    show(journey);
    return journey;
  };
  update({});
  const before = repeated && api.history ? await lengthOf(needs, repeated) : null;
  const reply = await sent(needs, order);
  if (!reply.ok) {
    const failure = { lane: /** @type {const} */ ('command'), explanation: explain(reply) };
    return { reply, journey: Promise.resolve(update({ failure, over: true })) };
  }
  const { id, version } = reply.body;
  const replayed = reply.headers.get('Idempotent-Replayed') === 'true';
  update({
    accepted: { status: reply.status, version, after: reply.received - reply.sent, replayed },
  });
  const rest = Promise.all([
    toTheLog(needs, id, version, before).then(update),
    replayed ? null : toTheView(needs, order, reply, update).then(update),
  ]);
  return { reply, journey: rest.then(() => update({ over: true })) };
}

/**
 * @param {Needs} needs
 * @param {Order} order
 * @returns {Promise<Reply>}
 */
function sent({ api, send }, { command, id, body, key, ifMatch }) {
  /** @type {Record<string, string>} */
  const headers = { 'Idempotency-Key': key };
  if (ifMatch) headers['If-Match'] = ifMatch;
  const contentType = command.contentType ?? undefined;
  const url = urlOf(api, command.path, id);
  return send(command.method, url, { headers, body, contentType, authorized: true });
}

/**
 * @param {Needs} needs
 * @param {string} id
 * @param {number} version
 * @param {number | null} before
 * @returns {Promise<Partial<Journey>>}
 */
async function toTheLog(needs, id, version, before) {
  if (!needs.api.history) return { log: 'unauthorized' };
  const { events, failure } = await readStream(needs, id);
  if (!failure) {
    const own = events.filter((event) => event.version === version);
    return { log: { events: own, length: events.length, before } };
  }
  const explanation = explain(failure);
  return explanation.needsToken ? { log: 'unauthorized' } : { failure: { lane: 'log', explanation } };
}

/**
 * Wait until the view shows the command's version, or is gone after a command that removes.
 *
 * @param {Needs} needs
 * @param {Order} order
 * @param {Reply} accepted
 * @param {(change: Partial<Journey>) => void} update
 * @returns {Promise<Partial<Journey>>}
 */
async function toTheView({ api, send }, { command }, accepted, update) {
  const { id, version } = accepted.body;
  const url = urlOf(api, api.view, id, { min_version: version });
  const removes = command.method === 'DELETE';
  for (let attempt = 1; ; attempt += 1) {
    const reply = await send('GET', url);
    const gone = reply.status === 404 && removes;
    if (reply.ok || gone) return { visible: { after: reply.received - accepted.sent, gone } };
    if (!isNotYetVisible(reply) || attempt === ATTEMPTS) {
      return { failure: { lane: 'query', explanation: explain(reply) } };
    }
    update({ slow: true });
  }
}

/**
 * @param {Needs} needs
 * @param {string} id
 */
async function lengthOf(needs, id) {
  const { events, failure } = await readStream(needs, id);
  return failure ? null : events.length;
}
