import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { left, readToken } from '../../../apps/explorer/static/token/tokens.js';

const part = (claims) => Buffer.from(JSON.stringify(claims)).toString('base64url');
const jwt = (claims) => `${part({})}.${part(claims)}.signature`;

describe('a token', () => {
  it('says its scopes and when it expires', () => {
    const text = jwt({ scope: 'a:write b:read', exp: 1_800_000_000, sub: 'Łukasz>>>???' });
    assert.deepEqual(readToken(` ${text}\n`), {
      text,
      scopes: ['a:write', 'b:read'],
      expires: 1_800_000_000_000,
    });
  });

  it('need not say so', () => {
    assert.deepEqual(readToken(jwt({})), { text: jwt({}), scopes: [], expires: null });
  });

  for (const text of ['', 'opaque', 'a.b']) {
    it(`is not "${text}"`, () => assert.throws(() => readToken(text), /not a JWT/));
  }

  it('has some time left, or none', () => {
    const at = (expires) => left({ text: '', scopes: [], expires }, 1_000_000);
    assert.equal(at(1_000_000 + 90_000), '2 min left');
    assert.equal(at(1_000_000), 'expired');
    assert.equal(at(null), 'no expiry');
  });
});
