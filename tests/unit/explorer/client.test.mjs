import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { client, onlyTheLatest } from '../../../apps/explorer/static/api/client.js';
import { readStream } from '../../../apps/explorer/static/item/read_stream.js';

const URL_ = 'https://api.example/things';

describe('a request', () => {
  const sent = async (options, token = 'abc') => {
    let request;
    const fetching = async (url, init) => {
      request = { url, ...init };
      return Response.json({ a: 1 }, { status: 201 });
    };
    const reply = await client(() => token, fetching)('POST', URL_, options);
    return { reply, request };
  };

  it('has the token only where it is wanted', async () => {
    const { request } = await sent({ authorized: true });
    assert.equal(request.headers.get('Authorization'), 'Bearer abc');
    for (const [options, token] of [[{}, 'abc'], [{ authorized: true }, null]]) {
      const { request: other } = await sent(options, token);
      assert.equal(other.headers.get('Authorization'), null);
    }
  });

  it('has a body as JSON', async () => {
    const { request } = await sent({ body: { b: 2 }, contentType: 'application/json' });
    assert.equal(request.body, '{"b":2}');
    assert.equal(request.headers.get('Content-Type'), 'application/json');
  });

  it('is timed', async () => {
    const { reply } = await sent({});
    assert.equal(reply.status, 201);
    assert.deepEqual(reply.body, { a: 1 });
    assert.ok(reply.sent <= reply.received);
  });

  it('without a response has the status 0', async () => {
    const failing = async () => Promise.reject(new TypeError('Failed to fetch'));
    const reply = await client(() => null, failing)('GET', URL_);
    assert.deepEqual([reply.ok, reply.status, reply.body], [false, 0, null]);
  });

  it('with a body that is no JSON has none', async () => {
    const page = async () => new Response('<html>', { status: 502 });
    assert.equal((await client(() => null, page)('GET', URL_)).body, null);
  });
});

describe('of several tasks', () => {
  it('only the latest has a result, whichever ends last', async () => {
    const latest = onlyTheLatest();
    const first = Promise.withResolvers();
    const second = Promise.withResolvers();
    const signals = [];
    const task = (promise) => (signal) => {
      signals.push(signal);
      return promise;
    };
    const results = [latest(task(first.promise)), latest(task(second.promise))];
    second.resolve('new');
    first.resolve('old');
    assert.deepEqual(await Promise.all(results), [undefined, 'new']);
    assert.deepEqual(signals.map(({ aborted }) => aborted), [true, false]);
  });

  it('an aborted one does not fail, and the latest does', async () => {
    const latest = onlyTheLatest();
    const aborted = latest(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const failed = latest(() => Promise.reject(new Error('no')));
    assert.equal(await aborted, undefined);
    await assert.rejects(failed, /no/);
  });
});

describe('a stream', () => {
  const api = { base: 'https://api.example', history: { path: '/things/{id}/history' } };
  const read = (respond) => {
    const urls = [];
    const send = async (_, url) => {
      urls.push(url);
      return respond(urls.length);
    };
    return readStream({ api, send }, 'x').then((stream) => ({ ...stream, urls }));
  };

  it('is read over all pages', async () => {
    const { events, urls, isCut } = await read((page) => ({
      ok: true,
      body: page < 3 ? { items: [page], next: `c${page}` } : { items: [page] },
    }));
    assert.deepEqual(events, [1, 2, 3]);
    assert.match(urls[2], /cursor=c2$/);
    assert.equal(isCut, false);
  });

  it('is cut where it is very long', async () => {
    const { events, isCut } = await read((page) => ({ ok: true, body: { items: [page], next: 'c' } }));
    assert.equal(events.length, 10);
    assert.equal(isCut, true);
  });

  it('may be refused', async () => {
    const { failure } = await read(() => ({ ok: false, status: 401 }));
    assert.equal(failure.status, 401);
  });
});
