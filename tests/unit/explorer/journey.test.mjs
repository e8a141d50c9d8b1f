import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { follow } from '../../../apps/explorer/static/journey/follow.js';
import { begin, lanes, summary, ticks } from '../../../apps/explorer/static/journey/journey.js';

const api = {
  base: 'https://api.example',
  view: '/things/{id}',
  history: { path: '/things/{id}/history', asOf: true },
};
const CREATE = { method: 'POST', path: '/things', contentType: 'application/json' };
const REMOVE = { method: 'DELETE', path: '/things/{id}', contentType: null };
const event = (version) => ({ version, type: `Event${version}` });
const accepted = (version, headers = {}) => ({
  status: 201,
  body: { id: 'x', version },
  headers: new Headers(headers),
});
const history = (...versions) => ({ status: 200, body: { items: versions.map(event) } });
const late = { status: 503, body: { type: '/problems/not-yet-visible', title: 'Late' } };

/** Follow a command against responses by the path that they are of, each a list to take from. */
async function followed(command, responses, repeated) {
  let now = 0;
  const requests = [];
  const send = async (method, url, options = {}) => {
    const path = url.slice(api.base.length);
    requests.push({ method, path, ...options });
    const kind = path.includes('/history') ? 'history' : path.includes('min_version') ? 'view' : 'command';
    const { status, body = null, headers = new Headers() } = responses[kind].shift();
    now += 10;
    return { ok: status < 300, status, body, headers, url, method, sent: now - 10, received: now };
  };
  const shown = [];
  const order = { command, id: 'x', body: {}, key: 'k', ifMatch: '"1"' };
  const needs = { api, send, show: (it) => shown.push(it) };
  const { reply, journey } = await follow(needs, order, repeated);
  return { reply, journey: await journey, shown, requests, left: responses };
}

const states = (journey) => lanes(journey).map(({ state }) => state);
const lane = (journey, name) => lanes(journey).find((it) => it.name === name);

describe('before a command', () => {
  it('the lanes are idle, and show the shape of a journey', () => {
    assert.deepEqual(states(null), ['idle', 'idle', 'idle']);
    assert.deepEqual(ticks(null), []);
  });
});

describe('a command that is sent', () => {
  it('waits in all lanes', () => {
    assert.deepEqual(states(begin('POST /things')), ['waiting', 'waiting', 'waiting']);
  });

  it('has its key and its precondition', async () => {
    const { requests } = await followed(CREATE, {
      command: [accepted(1)],
      history: [history(1)],
      view: [{ status: 200 }],
    });
    assert.deepEqual(requests[0].headers, { 'Idempotency-Key': 'k', 'If-Match': '"1"' });
    assert.equal(requests[0].authorized, true);
  });
});

describe('a command that is accepted', () => {
  it('goes through the log to the view', async () => {
    const { journey } = await followed(CREATE, {
      command: [accepted(2)],
      history: [history(1, 2)],
      view: [{ status: 200 }],
    });
    assert.deepEqual(states(journey), ['done', 'done', 'done']);
    assert.equal(lane(journey, 'log').strong, 'Event2');
    assert.equal(lane(journey, 'log').text, 'version 2 of 2');
    assert.equal(journey.over, true);
    assert.equal(summary(journey), 'Accepted as version 2 after 10 ms. Visible 20 ms later.');
  });

  it('is shown at each step', async () => {
    const { shown } = await followed(CREATE, {
      command: [accepted(1)],
      history: [history(1)],
      view: [{ status: 200 }],
    });
    assert.deepEqual(shown.map(({ over }) => over), [false, false, false, false, true]);
  });

  it('is waited for while the view is late', async () => {
    const { journey, shown } = await followed(CREATE, {
      command: [accepted(1)],
      history: [history(1)],
      view: [late, late, { status: 200 }],
    });
    assert.ok(shown.some((it) => lane(it, 'query').strong === 'Not yet visible'));
    assert.equal(lane(journey, 'query').state, 'done');
  });

  it('is given up when the view stays late', async () => {
    const { journey } = await followed(CREATE, {
      command: [accepted(1)],
      history: [history(1)],
      view: Array(20).fill(late),
    });
    assert.equal(lane(journey, 'query').state, 'failed');
    assert.equal(summary(journey), 'Accepted as version 1 after 10 ms. Late.');
  });

  it('leaves its event unknown without a token for the log', async () => {
    const { journey } = await followed(CREATE, {
      command: [accepted(1)],
      history: [{ status: 403, body: { message: 'Forbidden' } }],
      view: [{ status: 200 }],
    });
    assert.deepEqual(states(journey), ['done', 'unknown', 'done']);
  });

  it('may take the view away', async () => {
    const { journey } = await followed(REMOVE, {
      command: [accepted(3)],
      history: [history(1, 2, 3)],
      view: [{ status: 404 }],
    });
    assert.match(summary(journey), /Gone from the views/);
  });

  it('has failed to become visible where the view is not there and should be', async () => {
    const { journey } = await followed(CREATE, {
      command: [accepted(1)],
      history: [history(1)],
      view: [{ status: 404 }],
    });
    assert.equal(lane(journey, 'query').state, 'failed');
  });
});

describe('a command that is sent again', () => {
  it('is replayed: the log is as long as before, and no view is waited for', async () => {
    const { journey } = await followed(
      CREATE,
      {
        command: [accepted(1, { 'Idempotent-Replayed': 'true' })],
        history: [history(1), history(1)],
        view: [],
      },
      'x',
    );
    assert.deepEqual(states(journey), ['unchanged', 'unchanged', 'unchanged']);
    assert.equal(lane(journey, 'log').text, '1 before, 1 after');
    assert.match(summary(journey), /Nothing happened twice/);
  });
});

describe('a command that is refused', () => {
  it('changes nothing', async () => {
    const refusal = { status: 412, body: { title: 'Changed', detail: 'x' } };
    const { journey, reply } = await followed(CREATE, { command: [refusal] });
    assert.equal(reply.status, 412);
    assert.deepEqual(states(journey), ['failed', 'unchanged', 'unchanged']);
    assert.equal(summary(journey), 'Changed.');
  });
});

describe('the scale', () => {
  const journey = (acceptedAfter, visibleAfter) => ({
    ...begin('POST /things'),
    accepted: { status: 201, version: 1, after: acceptedAfter, replayed: false },
    visible: { after: visibleAfter, gone: false },
    log: { events: [event(1)], length: 1, before: null },
    over: true,
  });

  it('is linear', () => {
    const [work] = lane(journey(25, 100), 'command').bars;
    const [lag, view] = lane(journey(25, 100), 'query').bars;
    assert.equal(work.to * 4, lag.to);
    assert.equal(lag.from, work.to);
    assert.deepEqual([view.from, view.to], [lag.to, 100]);
  });

  it('marks the moments without two labels at one place', () => {
    assert.deepEqual(ticks(journey(1, 100)).map(({ label }) => label), ['1 ms', '100 ms']);
    assert.deepEqual(ticks(journey(50, 100)).map(({ label }) => label), ['sent', '50 ms', '100 ms']);
    assert.equal(ticks(journey(20, 100))[1].anchor, 'start');
    assert.equal(ticks(journey(90, 100))[1].anchor, 'end');
  });

  it('stays on the track', () => {
    for (const [first, last] of [[0, 0], [0, 0.01], [5, 5], [1, 100_000]]) {
      for (const { from, to } of lanes(journey(first, last)).flatMap(({ bars }) => bars)) {
        assert.ok(from >= 0 && to <= 100 && from <= to);
      }
    }
  });
});
