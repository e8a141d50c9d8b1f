// The card of the stream: its events, oldest first, with a mark at the one that the view has reached.

import { explain } from '../api/explain.js';
import { el } from '../dom.js';
import { moment } from '../moment.js';
import { problem } from '../problem.js';
import { sentence } from '../words.js';
import { cardHead } from './card.js';
import { changesOf } from './changes.js';

/** @typedef {Record<string, any>} Json */
/** @typedef {(event: Json) => void} ShowThen Shows the view as it was after an event. */

/**
 * @param {object} needs
 * @param {string} needs.path
 * @param {() => void} needs.getToken
 * @param {import('./read_stream.js').Stream | null} stream null if there is no token to read it.
 * @param {number | null} version The view's; null if there is no view.
 * @param {ShowThen | null} showThen
 * @returns {HTMLElement}
 */
export function streamCard({ path, getToken }, stream, version, showThen) {
  return el(
    'section',
    { class: 'card of-log', id: 'stream-card', 'aria-labelledby': 'stream-title' },
    cardHead('stream-title', 'Event stream', `GET ${path}`),
    content(stream, getToken, version, showThen),
    stream?.isCut && el('p', { class: 'hint' }, `The first ${stream.events.length} events. There are more.`),
  );
}

/**
 * @param {import('./read_stream.js').Stream | null} stream
 * @param {() => void} getToken
 * @param {number | null} version
 * @param {ShowThen | null} showThen
 */
function content(stream, getToken, version, showThen) {
  if (!stream) return locked(getToken);
  if (!stream.failure) return eventList(stream.events, version, showThen);
  const explanation = explain(stream.failure);
  return explanation.needsToken ? locked(getToken) : problem(explanation);
}

/** @param {() => void} getToken */
function locked(getToken) {
  return el(
    'div',
    { class: 'quiet-box' },
    el('p', {}, 'Views are public. The log, which says who changed what and when, needs a token.'),
    el('button', { type: 'button', onclick: getToken }, 'Get a token'),
  );
}

/**
 * @param {readonly Json[]} events
 * @param {number | null} version
 * @param {ShowThen | null} showThen
 */
function eventList(events, version, showThen) {
  const last = events.length - 1;
  return el(
    'ol',
    { id: 'events', class: 'events' },
    events.map((event, index) => one(event, event.version === version, index < last ? showThen : null)),
  );
}

/**
 * @param {Json} event
 * @param {boolean} isNow
 * @param {ShowThen | null} showThen
 */
function one(event, isNow, showThen) {
  return el(
    'li',
    { 'data-version': event.version, class: isNow && 'now' },
    el('code', { class: 'version' }, event.version),
    el(
      'div',
      {},
      el(
        'p',
        { class: 'event-name' },
        el('strong', {}, sentence(event.type)),
        isNow && el('span', { class: 'mark' }, 'the view is here'),
      ),
      el('p', { class: 'hint' }, moment(event.occurred_at), ` · by ${event.actor}`),
      data(event.data),
      showThen &&
        el(
          'button',
          { type: 'button', class: 'quiet', onclick: () => showThen(event) },
          'See it as it was then',
        ),
    ),
  );
}

/** @param {Json} it What happened, in the event's own form. */
function data(it) {
  const changes = changesOf(it);
  if (changes.length === 0) return null;
  return el(
    'div',
    {},
    el(
      'dl',
      { class: 'changes' },
      changes.map(({ name, text }) => el('div', {}, el('dt', {}, name), el('dd', {}, text))),
    ),
    el(
      'details',
      {},
      el('summary', {}, 'As stored'),
      el('pre', { tabindex: 0 }, JSON.stringify(it, null, 2)),
    ),
  );
}
