import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { explain, isNotYetVisible } from '../../../apps/explorer/static/api/explain.js';
import { changesOf } from '../../../apps/explorer/static/item/changes.js';
import { headline, otherValues } from '../../../apps/explorer/static/item/headline.js';
import { duration, labelOf, noun, sentence } from '../../../apps/explorer/static/words.js';

const url = 'https://api.example/v1/things';
const problem = (status, body) => ({ status, url, body: { status, title: 'A title', ...body } });

describe('words', () => {
  it('are made of identifiers', () => {
    assert.equal(sentence('addThing'), 'Add thing');
    assert.equal(sentence('added_at'), 'Added at');
    assert.equal(noun('listBigThings'), 'big things');
  });

  it('are capitals where the description says so', () => {
    assert.equal(labelOf('url', { description: 'A URL of it.' }), 'URL');
    assert.equal(labelOf('url', { description: 'CURLY' }), 'Url');
    assert.equal(labelOf('url', { title: 'Address' }), 'Address');
  });

  it('tell durations in the unit that fits', () => {
    assert.deepEqual([0.4, 14.4, 999, 3210].map(duration), ['under 1 ms', '14 ms', '999 ms', '3.2 s']);
  });
});

describe('an explanation', () => {
  it("has a problem's own title and detail, and a link to its type", () => {
    const told = explain(problem(409, { detail: 'Why.', type: '/v1/problems/taken' }));
    assert.deepEqual(told, {
      title: 'A title',
      text: 'Why.',
      type: 'https://api.example/v1/problems/taken',
      needsToken: false,
    });
  });

  for (const type of ['about:blank', 'urn:example:problem', 'javascript:alert(1)', undefined]) {
    it(`does not link to ${type}`, () => assert.equal(explain(problem(400, { type })).type, null));
  }

  for (const status of [401, 403]) {
    it(`asks for a token at ${status}`, () => {
      const told = explain({ status, url, body: { message: 'No' } });
      assert.equal(told.title, 'No');
      assert.equal(told.needsToken, true);
      assert.match(told.text, /token/);
    });
  }

  it('says that there was no response', () => {
    assert.equal(explain({ status: 0, url, body: null }).title, 'No response');
  });

  it('has words for a response without any', () => {
    assert.equal(explain({ status: 502, url, body: null }).title, 'Status 502');
  });

  it('says of a view that is late what is going on', () => {
    const late = problem(503, { type: '/v1/problems/not-yet-visible', detail: 'x' });
    assert.ok(isNotYetVisible(late));
    assert.match(explain(late).text, /not been projected yet/);
    assert.ok(!isNotYetVisible(problem(503, { type: '/v1/problems/store-unavailable' })));
  });

  it("is the error's message when the page itself fails", () => {
    assert.equal(explain(new Error('no listing')).text, 'no listing');
  });
});

describe('an item', () => {
  const schema = {
    properties: {
      id: { type: 'string' },
      version: { type: 'integer' },
      name: { type: 'string' },
      tags: { type: 'array' },
      added_at: { type: 'string', format: 'date-time' },
    },
  };

  it('is called by its first text', () => {
    assert.equal(headline(schema, { id: '1', name: 'A' }), 'A');
    assert.equal(headline(schema, { id: '1' }), '1');
  });

  it('has other values, without times', () => {
    assert.deepEqual(otherValues(schema, { name: 'A', tags: ['a', 'b'], added_at: 'x' }), ['a, b']);
  });
});

describe('the changes of an event', () => {
  it('are what its data has', () => {
    assert.deepEqual(changesOf({ name: 'A', tags: ['a', 'b'], note: null, none: [] }), [
      { name: 'name', text: 'A' },
      { name: 'tags', text: 'a, b' },
      { name: 'note', text: 'cleared' },
    ]);
  });

  it('are those of the only object in it', () => {
    assert.deepEqual(changesOf({ changes: { name: 'A' } }), [{ name: 'name', text: 'A' }]);
  });

  it('are all of several, also where one is an object', () => {
    assert.deepEqual(changesOf({ place: { x: 1 }, name: 'A' }), [
      { name: 'place', text: '{"x":1}' },
      { name: 'name', text: 'A' },
    ]);
  });

  it('may be none', () => assert.deepEqual(changesOf({}), []));
});
