import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readPlace, writePlace } from '../../../apps/explorer/static/address.js';
import { facets, propertyOf } from '../../../apps/explorer/static/browse/facets.js';

const ID = '563b57f6-9171-81de-8629-7b23ee173fbf';

describe('facets', () => {
  it('are the values that several items have, the commonest first', () => {
    const items = [{ tags: ['a', 'b'] }, { tags: ['b'] }, { tags: ['b', 'a'] }, { tags: ['c'] }, {}];
    assert.deepEqual(facets(items, 'tag'), [
      { value: 'b', count: 3 },
      { value: 'a', count: 2 },
    ]);
  });

  it('are none where no property is like the filter', () => {
    assert.deepEqual(facets([{ name: 'a' }, { name: 'a' }], 'tag'), []);
  });

  it('of equal counts are in the order of their values', () => {
    const items = ['b', 'a', 'b', 'a'].map((tag) => ({ tag }));
    assert.deepEqual(facets(items, 'tag').map(({ value }) => value), ['a', 'b']);
  });

  it('are few', () => {
    const items = [...'abcdefghij', ...'abcdefghij'].map((tag) => ({ tag }));
    assert.equal(facets(items, 'tag').length, 5);
  });
});

describe('the property of a filter', () => {
  for (const [filter, property] of [['tag', 'tag'], ['tag', 'tags'], ['box', 'boxes'], ['city', 'cities']]) {
    it(`${filter} is ${property}`, () => assert.equal(propertyOf(filter, ['x', property]), property));
  }
});

describe('a place', () => {
  it('survives the address bar', () => {
    const place = { search: { q: 'sea & sand', tag: 'é' }, id: ID };
    const url = new URL(writePlace(place), 'https://explorer.example/');
    assert.deepEqual(readPlace(url, ['q', 'tag']), place);
  });

  it('ignores what is no parameter of the listing, and a hash that is no id', () => {
    const url = new URL('https://explorer.example/?q=&utm=1#main');
    assert.deepEqual(readPlace(url, ['q']), { search: {}, id: null });
  });

  it('that is empty is the page itself', () => {
    assert.equal(writePlace({ search: {}, id: null }), '/');
  });
});
