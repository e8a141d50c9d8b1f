import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { readApi, resolve, urlOf } from '../../../apps/explorer/static/api/document.js';

const text = { type: 'string' };
const security = (scope) => [{ token: [scope] }];
const document = {
  info: { title: 'Things' },
  servers: [{ url: '../..' }],
  paths: {
    '/v1/things': {
      post: {
        operationId: 'addThing',
        security: security('things:write'),
        requestBody: {
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/Input' },
              example: { name: 'a' },
            },
          },
        },
      },
      get: {
        operationId: 'listThings',
        security: [],
        parameters: [
          { name: 'q', in: 'query', schema: text },
          { name: 'colour', in: 'query', description: 'Of it.', schema: { enum: ['red', 'blue'] } },
          { name: 'sort', in: 'query', schema: { enum: ['name', '-name'], default: 'name' } },
          { $ref: '#/components/parameters/cursor' },
          { name: 'X-Correlation-Id', in: 'header', schema: text },
        ],
      },
    },
    '/v1/things/{id}': {
      get: {
        operationId: 'getThing',
        responses: { 200: { $ref: '#/components/responses/Thing' } },
      },
    },
    '/v1/things/{id}/history': {
      get: {
        operationId: 'getThingHistory',
        security: security('things:audit'),
        parameters: [{ name: 'as_of', in: 'query' }, { $ref: '#/components/parameters/cursor' }],
      },
    },
  },
  components: {
    parameters: { cursor: { name: 'cursor', in: 'query', schema: text } },
    responses: {
      Thing: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
    },
    schemas: {
      Input: { properties: { name: text, note: { anyOf: [text, { type: 'null' }], title: 'Note' } } },
      Thing: { properties: { id: text, name: text } },
    },
  },
};
const api = readApi(document, 'https://api.example/stage/v1/x/openapi.json');

describe('an API description', () => {
  it('names what the API is about', () => {
    assert.deepEqual([api.title, api.one, api.many], ['Things', 'thing', 'things']);
  });

  it('has the base of all paths, relative to the document', () => {
    assert.equal(urlOf(api, '/v1/things'), 'https://api.example/stage/v1/things');
  });

  it('has as filters what is no parameter of paging or searching', () => {
    const colour = { name: 'colour', description: 'Of it.', choices: ['red', 'blue'] };
    assert.deepEqual(api.listing.filters, [colour]);
    assert.equal(api.listing.hasSearch, true);
    assert.deepEqual(api.listing.sorts, ['name', '-name']);
    assert.equal(api.listing.defaultSort, 'name');
  });

  it('need not say which order is the usual one: it is the first', () => {
    const silent = structuredClone(document);
    delete silent.paths['/v1/things'].get.parameters[2].schema.default;
    assert.equal(readApi(silent, 'https://api.example/').listing.defaultSort, 'name');
  });

  it('has commands with the schema and an example of their bodies', () => {
    assert.equal(api.create.label, 'Add thing');
    assert.deepEqual(api.create.schema.properties.note, { type: 'string', title: 'Note' });
    assert.deepEqual(api.create.example, { name: 'a' });
  });

  it('may lack commands', () => {
    assert.equal(api.change, null);
    assert.equal(api.remove, null);
  });

  it('has a history, which may be asked for a time', () => {
    assert.deepEqual(api.history, { path: '/v1/things/{id}/history', asOf: true });
  });

  it('has the scopes of all operations', () => {
    assert.deepEqual(api.scopes, ['things:audit', 'things:write']);
  });

  it('without a listing is refused', () => {
    assert.throws(() => readApi({ info: {}, paths: {} }, 'https://api.example/'), /no listing/);
  });
});

describe("this project's own description", () => {
  const file = new URL('../../../docs/openapi.json', import.meta.url);
  const own = readApi(JSON.parse(readFileSync(file, 'utf8')), 'https://api.example/v1/x/openapi.json');

  it('has all that the explorer shows', () => {
    for (const part of ['create', 'change', 'remove', 'history']) assert.ok(own[part], part);
    assert.notEqual(own.listing.filters.length, 0);
    assert.notEqual(own.listing.sorts.length, 0);
    assert.equal(own.listing.hasSearch, true);
    assert.equal(own.scopes.length, 2);
  });

  it('has a body for each command that needs one', () => {
    for (const { schema } of [own.create, own.change]) assert.ok(Object.keys(schema.properties).length);
    assert.equal(own.remove.schema, null);
  });
});

describe('a schema', () => {
  it('is resolved however it allows null', () => {
    for (const nullable of [{ type: ['string', 'null'] }, { oneOf: [{ type: 'null' }, text] }]) {
      assert.deepEqual(resolve({}, nullable), text);
    }
  });

  it('is resolved in its items and properties', () => {
    const parts = { components: { name: text } };
    const reference = { $ref: '#/components/name' };
    const schema = { properties: { all: { type: 'array', items: reference } } };
    assert.deepEqual(resolve(parts, schema).properties.all.items, text);
  });
});

describe('a URL', () => {
  it('has the id in the place of the template, escaped', () => {
    assert.match(urlOf(api, '/v1/things/{id}', 'a/b'), /\/things\/a%2Fb$/);
  });

  it('has the parameters that are set', () => {
    assert.match(urlOf(api, '/v1/things', '', { q: 'a b', sort: '', cursor: undefined }), /\?q=a\+b$/);
  });
});
