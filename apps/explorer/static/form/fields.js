// From a JSON Schema to the fields of a form, and from what was typed to a body.

import { labelOf } from '../words.js';

/** @typedef {Record<string, any>} Json */
/** @typedef {'text' | 'long' | 'list' | 'number' | 'flag' | 'choice' | 'json'} Kind */
/** @typedef {Readonly<Record<string, string | boolean>>} Typed By the names of fields. */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {Kind} kind
 * @property {boolean} required
 * @property {string} hint A short description.
 * @property {string} example
 * @property {readonly string[]} choices
 */

/** A description that is longer than this would bury the field. */
const SHORT = 90;

/** A text that may be longer than this gets more than a line. */
const LONG = 1000;

/**
 * @param {Json} schema That of an object, without references (`api/document.js`, `resolve`).
 * @returns {Field[]}
 */
export function fieldsOf(schema) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    label: labelOf(name, property),
    kind: kindOf(property),
    required: (schema.required ?? []).includes(name),
    hint: isShort(property.description) ? property.description : '',
    example: exampleOf(property),
    choices: property.enum ?? [],
  }));
}

/**
 * Return what the fields show for an object.
 *
 * @param {readonly Field[]} fields
 * @param {Json} object
 * @returns {Typed}
 */
export function typedOf(fields, object) {
  return Object.fromEntries(fields.map((field) => [field.name, typed(field, object[field.name])]));
}

/**
 * Return the body of what was typed. An empty field is left out.
 *
 * @param {readonly Field[]} fields
 * @param {Typed} values
 * @returns {Json}
 */
export function bodyOf(fields, values) {
  const entries = fields.map((field) => [field.name, valueOf(field, values[field.name])]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Return the JSON Merge Patch (RFC 7396) from one body to another.
 *
 * @param {Json} before
 * @param {Json} after
 * @returns {Json}
 */
export function mergePatch(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

/**
 * Return the messages of a problem's `errors` by field; what belongs to none is under the name ''.
 *
 * @param {readonly {pointer: string, message: string}[]} errors
 * @param {readonly Field[]} fields
 * @returns {Map<string, string[]>}
 */
export function messagesByField(errors, fields) {
  /** @type {Map<string, string[]>} */
  const messages = new Map();
  for (const { pointer, message } of errors) {
    const [name, index] = pointer.split('/').slice(1).map(unescaped);
    const field = fields.find((it) => it.name === name);
    const line = field?.kind === 'list' && index !== undefined ? `Line ${Number(index) + 1}: ` : '';
    const text = field ? line + message : `${pointer || 'The body'}: ${message}`;
    const key = field?.name ?? '';
    messages.set(key, [...(messages.get(key) ?? []), text]);
  }
  return messages;
}

/** @param {string | undefined} description */
function isShort(description) {
  return description !== undefined && description.length <= SHORT;
}

/** @param {Json} schema */
function exampleOf({ examples = [] }) {
  const [first] = examples.flat();
  return String(first ?? '');
}

/**
 * @param {Json} schema
 * @returns {Kind}
 */
function kindOf(schema) {
  if (schema.enum) return 'choice';
  switch (schema.type) {
    case 'boolean':
      return 'flag';
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return schema.items?.type === 'string' ? 'list' : 'json';
    case 'string':
      return (schema.maxLength ?? 0) > LONG ? 'long' : 'text';
    default:
      return 'json';
  }
}

/**
 * @param {Field} field
 * @param {any} value
 * @returns {string | boolean}
 */
function typed({ kind }, value) {
  if (kind === 'flag') return value === true;
  if (value === undefined || value === null) return '';
  if (kind === 'list') return value.join('\n');
  return kind === 'json' ? JSON.stringify(value) : String(value);
}

/**
 * @param {Field} field
 * @param {string | boolean} value
 * @returns {any} undefined if the field is empty.
 */
function valueOf({ kind }, value) {
  if (typeof value === 'boolean') return value;
  if (!value?.trim()) return undefined;
  if (kind === 'list') return value.split('\n').filter((line) => line.trim());
  if (kind === 'number') return Number.isNaN(Number(value)) ? value : Number(value);
  return kind === 'json' ? parsed(value) : value;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the service says what is wrong with it
  }
}

/** @param {string} token Of a JSON pointer (RFC 6901). */
function unescaped(token) {
  return token.replace(/~1/g, '/').replace(/~0/g, '~');
}
