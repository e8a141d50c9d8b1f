// Access tokens: where they come from, and what one says of itself.

/**
 * @typedef {object} Token
 * @property {string} text
 * @property {readonly string[]} scopes
 * @property {number | null} expires In milliseconds since 1970; null if it does not say.
 */

/**
 * @typedef {object} Request
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {readonly string[]} scopes
 * @property {string} [audience]
 */

/**
 * Return a token's own claims, unverified: the services verify them. Throws when it is no JWT.
 *
 * @param {string} text
 * @returns {Token}
 */
export function readToken(text) {
  const token = text.trim();
  const [, payload, signature] = token.split('.');
  if (!payload || !signature) throw new Error('This is not a JWT, which has three parts separated by dots.');
  const bytes = Uint8Array.from(
    atob(payload.replace(/-/g, '+').replace(/_/g, '/')),
    (character) => character.charCodeAt(0),
  );
  const { exp, scope } = JSON.parse(new TextDecoder().decode(bytes));
  return {
    text: token,
    scopes: typeof scope === 'string' ? scope.split(' ') : [],
    expires: typeof exp === 'number' ? exp * 1000 : null,
  };
}

/**
 * Return what is left of a token, for people.
 *
 * @param {Token} token
 * @param {number} now
 * @returns {string}
 */
export function left({ expires }, now) {
  if (expires === null) return 'no expiry';
  const minutes = Math.ceil((expires - now) / 60_000);
  return minutes > 0 ? `${minutes} min left` : 'expired';
}

/**
 * Get a token by the client credentials grant (RFC 6749, 4.4). Throws with the endpoint's reason.
 *
 * @param {string} endpoint
 * @param {Request} request
 * @returns {Promise<Token>}
 */
export async function requestToken(endpoint, { clientId, clientSecret, scopes, audience }) {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: scopes.join(' '),
  });
  if (audience) form.set('audience', audience);
  const response = await fetch(endpoint, { method: 'POST', body: form });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(body.error_description ?? body.error ?? body.message ?? `Status ${response.status}`);
  }
  return readToken(body.access_token);
}
