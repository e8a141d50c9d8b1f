// The dialog that gets a token: one click in development; elsewhere credentials, or a token itself.

import { byId, el, fill } from '../dom.js';
import { left, readToken, requestToken } from './tokens.js';

/** @typedef {import('./tokens.js').Token} Token */
/** @typedef {{issuer: string | null, tokenEndpoint: string | null, development: boolean}} About */

/**
 * Return a function that opens the dialog. It resolves to whether there is a token then.
 *
 * @param {object} needs
 * @param {About} needs.about
 * @param {readonly string[]} needs.scopes
 * @param {import('../cell.js').Cell<Token | null>} needs.token
 * @returns {() => Promise<boolean>}
 */
export function tokenDialog({ about, scopes, token }) {
  const trouble = el('p', { class: 'field-error', role: 'alert' });
  const dialog = el('dialog', { id: 'token-dialog', 'aria-labelledby': 'token-title' });
  document.body.append(dialog);

  /** @param {() => Token | Promise<Token>} get */
  const take = async (get) => {
    trouble.textContent = '';
    try {
      token.set(await get());
      dialog.close();
    } catch (error) {
      trouble.textContent = `No token: ${/** @type {Error} */ (error).message}`;
    }
  };
  const endpoint = about.tokenEndpoint;
  fill(
    dialog,
    el('h2', { id: 'token-title' }, 'Get a token'),
    el('p', {}, 'Reading is public. Writing, and reading the event log, needs an access token.'),
    endpoint && about.development && developmentButton(endpoint, scopes, take),
    endpoint && !about.development && credentialsForm(endpoint, scopes, take),
    !about.development && pasteForm(about.issuer, take),
    trouble,
    el('p', { class: 'hint' }, 'It is kept in the memory of this page only: a reload discards it.'),
    el(
      'p',
      { class: 'buttons' },
      el('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
  );
  return () =>
    new Promise((resolve) => {
      const before = token.get();
      trouble.textContent = '';
      dialog.addEventListener('close', () => resolve(token.get() !== before), { once: true });
      dialog.showModal();
    });
}

/**
 * Show in the header's button which token there is.
 *
 * @param {import('../cell.js').Cell<Token | null>} token
 * @param {() => void} open
 */
export function tokenButton(token, open) {
  const button = byId('token-button');
  const show = () => {
    const held = token.get();
    button.textContent = held ? `Token: ${left(held, Date.now())}` : 'Get a token';
  };
  button.addEventListener('click', open);
  token.watch(show);
  setInterval(show, 30_000);
  show();
}

/** @typedef {(get: () => Token | Promise<Token>) => void} Take */

/**
 * @param {string} endpoint
 * @param {readonly string[]} scopes
 * @param {Take} take
 */
function developmentButton(endpoint, scopes, take) {
  const get = () => requestToken(endpoint, { clientId: 'explorer', clientSecret: 'any', scopes });
  return el(
    'div',
    {},
    el(
      'p',
      {},
      'The development identity provider gives one to anyone, with the scopes ',
      ...scopes.flatMap((scope, index) => [index ? ' and ' : '', el('code', {}, scope)]),
      '.',
    ),
    el(
      'button',
      { type: 'button', id: 'development-token', class: 'primary', autofocus: true, onclick: () => take(get) },
      'Get a development token',
    ),
  );
}

/**
 * @param {string} endpoint
 * @param {readonly string[]} scopes
 * @param {Take} take
 */
function credentialsForm(endpoint, scopes, take) {
  const clientId = el('input', { id: 'client-id', autocomplete: 'off', required: true });
  const clientSecret = el('input', { id: 'client-secret', type: 'password', autocomplete: 'off' });
  const scope = el('input', { id: 'client-scope', value: scopes.join(' ') });
  const audience = el('input', { id: 'client-audience' });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    take(() =>
      requestToken(endpoint, {
        clientId: clientId.value,
        clientSecret: clientSecret.value,
        scopes: scope.value.split(/\s+/).filter(Boolean),
        audience: audience.value.trim(),
      }),
    );
  };
  return el(
    'form',
    { id: 'credentials-form', onsubmit },
    labelled('Client id', clientId),
    labelled('Client secret', clientSecret),
    labelled('Scope', scope),
    labelled('Audience (if the provider asks for one)', audience),
    el('button', { type: 'submit', class: 'primary' }, 'Get a token'),
  );
}

/**
 * @param {string | null} issuer
 * @param {Take} take
 */
function pasteForm(issuer, take) {
  const pasted = el('textarea', { id: 'pasted-token', rows: 4, spellcheck: 'false', autocomplete: 'off' });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    take(() => readToken(pasted.value));
  };
  return el(
    'form',
    { onsubmit },
    labelled(issuer ? `Or paste a token of ${issuer}` : 'Paste a token', pasted),
    el('button', { type: 'submit' }, 'Use this token'),
  );
}

/**
 * @param {string} label
 * @param {HTMLElement} input
 */
function labelled(label, input) {
  return el('p', { class: 'field' }, el('label', { for: input.id }, label), input);
}
