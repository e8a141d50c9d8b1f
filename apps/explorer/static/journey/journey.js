// What is known of a command on its way: from the request, over the log, to the view.
// Pure: `follow.js` makes the requests, `lanes.js` draws.

import { duration } from '../words.js';

/** @typedef {import('../api/explain.js').Explanation} Explanation */
/** @typedef {Record<string, any>} Json */

/**
 * @typedef {object} Accepted
 * @property {number} status
 * @property {number} version
 * @property {number} after Milliseconds since the command was sent.
 * @property {boolean} replayed
 */

/**
 * @typedef {object} Log
 * @property {readonly Json[]} events Those of this command's version.
 * @property {number} length Of the stream.
 * @property {number | null} before Its length before the command was repeated.
 */

/**
 * @typedef {object} Visible
 * @property {number} after Milliseconds since the command was sent.
 * @property {boolean} gone The command removed the item, and it is gone from the views.
 */

/**
 * @typedef {object} Journey
 * @property {string} request `POST /v1/...`
 * @property {Accepted | null} accepted
 * @property {Log | 'unauthorized' | null} log
 * @property {Visible | null} visible
 * @property {boolean} slow The view was asked for, and is not there yet.
 * @property {{lane: LaneName, explanation: Explanation} | null} failure
 * @property {boolean} over
 */

/** @typedef {'command' | 'log' | 'query'} LaneName */
/** @typedef {'idle' | 'waiting' | 'done' | 'unchanged' | 'failed' | 'unknown'} State */

/**
 * @typedef {object} Bar
 * @property {'work' | 'lag' | 'view'} kind
 * @property {number} from In percent of the track.
 * @property {number} to
 */

/**
 * @typedef {object} Lane
 * @property {LaneName} name
 * @property {State} state
 * @property {string} strong What to see at a glance.
 * @property {string} text
 * @property {readonly Bar[]} bars
 * @property {number | null} event The event's position, in percent.
 */

/** @typedef {{at: number, label: string, anchor: 'start' | 'end'}} Tick */

/** Where the last measured moment is drawn, in percent of the track. */
const END = 78;

/** What a journey usually looks like, before there is one. @type {Lane[]} */
const IDLE = [
  lane('command', 'idle', '', '', [{ kind: 'work', from: 0, to: 34 }]),
  lane('log', 'idle', '', '', [], 34),
  lane('query', 'idle', '', '', [
    { kind: 'lag', from: 34, to: END },
    { kind: 'view', from: END, to: 100 },
  ]),
];

/**
 * @param {string} request
 * @returns {Journey}
 */
export function begin(request) {
  return {
    request,
    accepted: null,
    log: null,
    visible: null,
    slow: false,
    failure: null,
    over: false,
  };
}

/**
 * Return the three lanes of a journey; without one, idle ones.
 *
 * @param {Journey | null} journey
 * @returns {Lane[]}
 */
export function lanes(journey) {
  if (!journey) {
    return IDLE;
  }
  return [commandLane(journey), logLane(journey), queryLane(journey)];
}

/**
 * Return what happened, in a sentence or two.
 *
 * @param {Journey} journey
 * @returns {string}
 */
export function summary({ accepted, visible, failure }) {
  const problem = failure ? `${failure.explanation.title}.` : '';
  if (!accepted) return problem;
  if (accepted.replayed) {
    return `Replayed: the first response again, version ${accepted.version}. Nothing happened twice.`;
  }
  const done = `Accepted as version ${accepted.version} after ${duration(accepted.after)}.`;
  if (!visible) return `${done} ${problem}`.trim();
  const lag = duration(visible.after - accepted.after);
  return `${done} ${visible.gone ? 'Gone from the views' : 'Visible'} ${lag} later.`;
}

/**
 * Return the measured moments as marks of the axis.
 *
 * @param {Journey | null} journey
 * @returns {Tick[]}
 */
export function ticks(journey) {
  if (!journey?.accepted) return [];
  const { accepted, visible } = journey;
  const at = position(journey, accepted.after);
  /** @type {Tick[]} */
  const marks = [{ at, label: `${duration(accepted.after)}`, anchor: at < 45 ? 'start' : 'end' }];
  if (at > 12) marks.unshift({ at: 0, label: 'sent', anchor: 'start' });
  if (visible && !accepted.replayed) {
    marks.push({ at: END, label: `${duration(visible.after)}`, anchor: 'start' });
  }
  return marks;
}

/**
 * @param {Journey} journey
 * @returns {Lane}
 */
function commandLane(journey) {
  const { accepted, failure } = journey;
  if (failure?.lane === 'command') {
    return lane('command', 'failed', failure.explanation.title, 'Nothing was stored.');
  }
  if (!accepted) return lane('command', 'waiting', 'Sent', journey.request);
  const took = `version ${accepted.version}, after ${duration(accepted.after)}`;
  /** @type {Bar[]} */
  const bars = [{ kind: 'work', from: 0, to: position(journey, accepted.after) }];
  return accepted.replayed
    ? lane('command', 'unchanged', `${accepted.status}, replayed`, `Idempotent-Replayed: true; ${took}`, bars)
    : lane('command', 'done', `${accepted.status} accepted`, took, bars);
}

/**
 * @param {Journey} journey
 * @returns {Lane}
 */
function logLane(journey) {
  const { accepted, log, failure } = journey;
  if (!accepted) return lane('log', failure ? 'unchanged' : 'waiting', failure ? 'No event' : '');
  const event = position(journey, accepted.after);
  if (failure?.lane === 'log') return lane('log', 'failed', failure.explanation.title, failure.explanation.text);
  if (log === 'unauthorized') {
    return lane('log', 'unknown', 'Stored', 'To see the event, get a token that may read the log.', [], event);
  }
  if (!log) return lane('log', 'waiting', 'Stored', '', [], event);
  if (accepted.replayed) {
    return lane('log', 'unchanged', 'No new event', `${log.before} before, ${log.length} after`);
  }
  const types = log.events.map(({ type }) => type).join(', ');
  return lane('log', 'done', types, `version ${accepted.version} of ${log.length}`, [], event);
}

/**
 * @param {Journey} journey
 * @returns {Lane}
 */
function queryLane(journey) {
  const { accepted, visible, slow, failure } = journey;
  if (!accepted) return lane('query', failure ? 'unchanged' : 'waiting', failure ? 'No change' : '');
  if (failure?.lane === 'query') return lane('query', 'failed', failure.explanation.title, failure.explanation.text);
  if (accepted.replayed) return lane('query', 'unchanged', 'No change', 'There is nothing to project.');
  if (!visible) {
    return lane('query', 'waiting', slow ? 'Not yet visible' : 'Projecting', slow ? 'Asked again' : '');
  }
  const from = position(journey, accepted.after);
  const lag = duration(visible.after - accepted.after);
  /** @type {Bar[]} */
  const bars = [
    { kind: 'lag', from, to: END },
    { kind: 'view', from: END, to: 100 },
  ];
  return lane('query', 'done', `${lag} later`, visible.gone ? 'gone from the views' : 'visible in the view', bars);
}

/**
 * Return where a moment is drawn. The scale is linear.
 *
 * @param {Journey} journey
 * @param {number} after
 * @returns {number}
 */
function position({ accepted, visible }, after) {
  const last = visible?.after ?? (accepted?.after ?? 0) * 2;
  return last === 0 ? 1 : Math.max(1, (after / last) * END);
}

/**
 * @param {LaneName} name
 * @param {State} state
 * @param {string} [strong]
 * @param {string} [text]
 * @param {readonly Bar[]} [bars]
 * @param {number | null} [event]
 * @returns {Lane}
 */
function lane(name, state, strong = '', text = '', bars = [], event = null) {
  return { name, state, strong, text, bars, event };
}
