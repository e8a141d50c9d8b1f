import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  bodyOf,
  fieldsOf,
  mergePatch,
  messagesByField,
  typedOf,
} from '../../../apps/explorer/static/form/fields.js';

const schema = {
  required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 100, examples: ['A name'] },
    story: { type: 'string', maxLength: 20_000, description: 'x'.repeat(200) },
    tags: { type: 'array', items: { type: 'string' }, examples: [['a', 'b']] },
    size: { type: 'integer' },
    lent: { type: 'boolean' },
    colour: { enum: ['red', 'blue'] },
    place: { type: 'object' },
  },
};
const fields = fieldsOf(schema);
const whole = {
  name: 'n',
  story: 's',
  tags: ['a', 'b'],
  size: 3,
  lent: true,
  colour: 'red',
  place: { x: 1 },
};

describe('the fields of a schema', () => {
  it('are of the kinds of its properties', () => {
    const kinds = Object.fromEntries(fields.map(({ name, kind }) => [name, kind]));
    assert.deepEqual(kinds, {
      name: 'text',
      story: 'long',
      tags: 'list',
      size: 'number',
      lent: 'flag',
      colour: 'choice',
      place: 'json',
    });
  });

  it('know which of them are required', () => {
    assert.deepEqual(fields.filter((it) => it.required).map((it) => it.name), ['name']);
  });

  it('have an example, and a hint if the description is short', () => {
    const [name, story, tags] = fields;
    assert.deepEqual([name.example, tags.example, story.example], ['A name', 'a', '']);
    assert.equal(story.hint, '');
  });
});

describe('what is typed', () => {
  it('is the body that it was filled with', () => {
    assert.deepEqual(bodyOf(fields, typedOf(fields, whole)), whole);
  });

  it('is left out where it is empty', () => {
    const typed = { ...typedOf(fields, {}), name: '  ', lent: false };
    assert.deepEqual(bodyOf(fields, typed), { lent: false });
  });

  it('is sent as it is where it has not the type of the field: the service says what is wrong', () => {
    const typed = { ...typedOf(fields, {}), size: 'many', place: '{' };
    assert.deepEqual(bodyOf(fields, typed), { size: 'many', lent: false, place: '{' });
  });

  it('is a line for each of a list', () => {
    assert.deepEqual(bodyOf(fields, { ...typedOf(fields, {}), tags: 'a\n\nb\n' }).tags, ['a', 'b']);
  });
});

describe('a merge patch', () => {
  it('has what changed, with null for what is gone', () => {
    const patch = mergePatch({ a: 1, b: ['x'], c: 'same' }, { a: 2, c: 'same', d: 'new' });
    assert.deepEqual(patch, { a: 2, b: null, d: 'new' });
  });

  it('is empty where nothing changed', () => {
    assert.deepEqual(mergePatch(whole, structuredClone(whole)), {});
  });
});

describe('the messages of a problem', () => {
  const messages = (...errors) => Object.fromEntries(messagesByField(errors, fields));

  it('are at their fields', () => {
    const errors = [
      { pointer: '/name', message: 'is required' },
      { pointer: '/name', message: 'is odd' },
    ];
    assert.deepEqual(messages(...errors), { name: ['is required', 'is odd'] });
  });

  it('name the line of a list', () => {
    assert.deepEqual(messages({ pointer: '/tags/1', message: 'is empty' }), {
      tags: ['Line 2: is empty'],
    });
  });

  it('keep their pointer where there is no field', () => {
    const errors = [
      { pointer: '/a~1b', message: 'is unknown' },
      { pointer: '', message: 'must be an object' },
    ];
    assert.deepEqual(messages(...errors), {
      '': ['/a~1b: is unknown', 'The body: must be an object'],
    });
  });
});
