// The three lanes, drawn: command side, event log, query side.

import { byId, el, fill } from '../dom.js';
import { lanes, summary, ticks } from './journey.js';

/** @typedef {import('./journey.js').Journey} Journey */
/** @typedef {import('./journey.js').Lane} Lane */

/** @type {Readonly<Record<string, {title: string, role: string, story: string}>>} */
const WORDS = {
  command: {
    title: 'Command side',
    role: 'decides',
    story: 'Checks a command against everything that has happened so far, and returns the new version.',
  },
  log: {
    title: 'Event log',
    role: 'remembers',
    story: 'Stores what happened as an event. Events are never changed or deleted.',
  },
  query: {
    title: 'Query side',
    role: 'shows',
    story: 'Builds views from the events, a moment later. This page measures the moment.',
  },
};

/**
 * Draw a journey, or the idle lanes.
 *
 * @param {Journey | null} journey
 */
export function draw(journey) {
  const section = byId('journey');
  if (journey) section.dataset.over = String(journey.over);
  const marks = ticks(journey);
  fill(
    byId('lanes'),
    el('ol', { class: 'lanes', 'aria-label': 'What happens to a command' }, lanes(journey).map(drawn)),
    marks.length > 0 && el('div', { class: 'axis', 'aria-hidden': 'true' }, marks.map(mark)),
  );
  byId('journey-summary').textContent = journey?.over ? summary(journey) : '';
}

/** @param {Lane} lane */
function drawn({ name, state, strong, text, bars, event }) {
  const { title, role, story } = WORDS[name];
  return el(
    'li',
    { class: 'lane', id: `lane-${name}`, 'data-state': state },
    el('div', { class: 'lane-name' }, el('strong', {}, title), el('span', {}, role)),
    el(
      'div',
      { class: 'track', 'aria-hidden': 'true' },
      bars.map(({ kind, from, to }) => placed(el('i', { class: `bar-${kind}` }), from, to)),
      event !== null && placed(el('i', { class: 'event' }), event),
    ),
    state === 'idle'
      ? el('p', { class: 'lane-story' }, story)
      : el('div', { class: 'lane-outcome' }, el('strong', {}, strong), el('span', {}, text)),
  );
}

/** @param {import('./journey.js').Tick} tick */
function mark({ at, label, anchor }) {
  return placed(el('i', { class: `tick to-${anchor}` }, el('b', {}, label)), at);
}

/**
 * Place an element on its track. (A style attribute would be refused by the policy; this is not.)
 *
 * @param {HTMLElement} element
 * @param {number} from
 * @param {number} [to]
 */
function placed(element, from, to = from) {
  element.style.setProperty('--from', `${from}%`);
  element.style.setProperty('--width', `${to - from}%`);
  return element;
}
