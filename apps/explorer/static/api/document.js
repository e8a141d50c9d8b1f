// What the explorer needs of an OpenAPI document. Nothing in the explorer names the domain.

import { noun, sentence } from '../words.js';

/** @typedef {Record<string, any>} Json */

/**
 * @typedef {object} Command
 * @property {string} method
 * @property {string} path A template, `{id}` in it.
 * @property {string} label
 * @property {string} summary
 * @property {readonly string[]} scopes
 * @property {string | null} contentType
 * @property {Json | null} schema That of the body, without references.
 * @property {Json | null} example A body.
 */

/**
 * @typedef {object} Filter
 * @property {string} name
 * @property {string} description
 * @property {readonly string[] | null} choices
 */

/**
 * @typedef {object} Listing
 * @property {string} path
 * @property {readonly Filter[]} filters
 * @property {boolean} hasSearch
 * @property {readonly string[]} sorts
 * @property {string | null} defaultSort The first, unless the document says another.
 */

/**
 * @typedef {object} Api
 * @property {string} title
 * @property {string} base What paths are appended to.
 * @property {string} one What the API is about, in the singular.
 * @property {string} many
 * @property {readonly string[]} scopes All that an operation asks for.
 * @property {Listing} listing
 * @property {Command | null} create
 * @property {Command | null} change
 * @property {Command | null} remove
 * @property {string} view The path of one.
 * @property {Json} viewSchema
 * @property {{path: string, asOf: boolean} | null} history
 * @property {string | null} docs The path of the page that documents it.
 */

/** Parameters of a listing that are not filters. */
const PAGING = new Set(['q', 'sort', 'limit', 'cursor']);

/**
 * Return the API that a document describes. Throws if it has no listing, or no view of one.
 *
 * @param {Json} document
 * @param {string} documentUrl
 * @returns {Api}
 */
export function readApi(document, documentUrl) {
  const path = Object.keys(document.paths).find((it) => isListing(document, it));
  const one = Object.keys(document.paths).find(
    (it) => path && it.startsWith(`${path}/{`) && it.endsWith('}'),
  );
  if (!path || !one) throw new Error('The API description has no listing with a view of each item');
  const listing = document.paths[path].get;
  const view = document.paths[one].get;
  const history = `${one}/history`;
  return {
    title: document.info.title,
    base: new URL(document.servers?.[0]?.url ?? '/', documentUrl).href.replace(/\/$/, ''),
    one: noun(view.operationId),
    many: noun(listing.operationId),
    scopes: scopesOf(document),
    listing: readListing(document, path),
    create: readCommand(document, 'post', path),
    change: readCommand(document, 'patch', one),
    remove: readCommand(document, 'delete', one),
    view: one,
    viewSchema: resolve(document, bodySchema(document, view.responses['200'])),
    history: document.paths[history]?.get
      ? { path: history, asOf: parametersOf(document, history, 'get').some((p) => p.name === 'as_of') }
      : null,
    docs: Object.keys(document.paths).find((it) => it.endsWith('/docs')) ?? null,
  };
}

/**
 * Return a schema or another part of a document without references, and without the alternative
 * `null`.
 *
 * @param {Json} document
 * @param {Json} part
 * @returns {Json}
 */
export function resolve(document, part) {
  if (part.$ref) return resolve(document, follow(document, part.$ref));
  const alternatives = (part.anyOf ?? part.oneOf)?.filter((/** @type {Json} */ it) => it.type !== 'null');
  if (alternatives?.length === 1) {
    const { anyOf, oneOf, ...rest } = part;
    return { ...resolve(document, alternatives[0]), ...rest };
  }
  const resolved = { ...part };
  if (Array.isArray(part.type)) resolved.type = part.type.find((/** @type {string} */ it) => it !== 'null');
  if (part.properties) {
    resolved.properties = Object.fromEntries(
      Object.entries(part.properties).map(([name, schema]) => [name, resolve(document, schema)]),
    );
  }
  if (part.items) resolved.items = resolve(document, part.items);
  return resolved;
}

/**
 * Return the URL of a path of the API.
 *
 * @param {Api} api
 * @param {string} path
 * @param {string} [id]
 * @param {Record<string, string | number | undefined>} [query]
 * @returns {string}
 */
export function urlOf(api, path, id = '', query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const parameters = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const url = api.base + path.replace(/\{[^}]+\}/, encodeURIComponent(id));
  return parameters.size ? `${url}?${parameters}` : url;
}

/**
 * @param {Json} document
 * @param {string} path
 */
function isListing(document, path) {
  const names = parametersOf(document, path, 'get').map((it) => it.name);
  return !path.includes('{') && names.includes('cursor');
}

/**
 * @param {Json} document
 * @param {string} path
 * @returns {Listing}
 */
function readListing(document, path) {
  const parameters = parametersOf(document, path, 'get').filter((it) => it.in === 'query');
  const sort = parameters.find((it) => it.name === 'sort')?.schema;
  return {
    path,
    hasSearch: parameters.some((it) => it.name === 'q'),
    sorts: sort?.enum ?? [],
    defaultSort: sort?.default ?? sort?.enum?.[0] ?? null,
    filters: parameters
      .filter((it) => !PAGING.has(it.name))
      .map(({ name, description, schema }) => ({
        name,
        description: description ?? '',
        choices: schema?.enum ?? null,
      })),
  };
}

/**
 * @param {Json} document
 * @param {string} method
 * @param {string} path
 * @returns {Command | null}
 */
function readCommand(document, method, path) {
  const operation = document.paths[path][method];
  if (!operation) return null;
  const content = operation.requestBody ? direct(document, operation.requestBody).content : {};
  const [contentType, media] = Object.entries(content)[0] ?? [null, null];
  const schema = media ? resolve(document, media.schema) : null;
  return {
    method: method.toUpperCase(),
    path,
    label: sentence(operation.operationId),
    summary: operation.summary ?? '',
    scopes: scopesOfOperation(operation),
    contentType,
    schema,
    example: media ? exampleOf(document, media, schema) : null,
  };
}

/**
 * @param {Json} document
 * @param {Json} media
 * @param {Json | null} schema
 * @returns {Json | null}
 */
function exampleOf(document, media, schema) {
  const [first] = Object.values(media.examples ?? {});
  return media.example ?? (first && direct(document, first).value) ?? schema?.examples?.[0] ?? null;
}

/**
 * @param {Json} document
 * @param {string} path
 * @param {string} method
 * @returns {Json[]}
 */
function parametersOf(document, path, method) {
  const item = document.paths[path];
  const all = [...(item.parameters ?? []), ...(item[method]?.parameters ?? [])];
  return all.map((it) => direct(document, it));
}

/**
 * @param {Json} document
 * @param {Json} response
 * @returns {Json}
 */
function bodySchema(document, response) {
  return direct(document, response).content['application/json'].schema;
}

/**
 * @param {Json} document
 * @returns {string[]}
 */
function scopesOf(document) {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  return [...new Set(operations.flatMap(scopesOfOperation))].sort();
}

/**
 * @param {Json} operation
 * @returns {string[]}
 */
function scopesOfOperation(operation) {
  return (operation.security ?? []).flatMap((/** @type {Json} */ it) => Object.values(it).flat());
}

/**
 * @param {Json} document
 * @param {Json} part
 * @returns {Json}
 */
function direct(document, part) {
  return part.$ref ? follow(document, part.$ref) : part;
}

/**
 * @param {Json} document
 * @param {string} reference `#/...`
 * @returns {Json}
 */
function follow(document, reference) {
  const names = reference.slice(2).split('/');
  return names.reduce((part, name) => part[name.replace(/~1/g, '/').replace(/~0/g, '~')], document);
}
