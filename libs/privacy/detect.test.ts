import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';

const found = (text: string): string[] =>
  detect(text, () => true).map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

describe('detect', () => {
  it.each([
    ['Write to ann.smith+desk@mail.example.org, please.', ['email: ann.smith+desk@mail.example.org']],
    ['email=ann@example.org;', ['email: ann@example.org']],
    ['Call +49 30 12345678 or (555) 234-5678.', ['phone: +49 30 12345678', 'phone: (555) 234-5678']],
    ['my phone number is 01711234567', ['phone: 01711234567']],
    ['+14155552671', ['phone: +14155552671']],
    ['0049 171 1234567 is my number', ['phone: 0049 171 1234567']],
    ['card 4111 1111 1111 1111 and 378282246310005', ['card: 4111 1111 1111 1111', 'card: 378282246310005']],
    ['order 12 4111-1111-1111-1111', ['card: 4111-1111-1111-1111']],
    ['DE89 3704 0044 0532 0130 00 please', ['iban: DE89 3704 0044 0532 0130 00']],
    ['gb82west12345698765432', ['iban: gb82west12345698765432']],
    [
      'from 192.168.1.17:8080 and 2001:db8::ff00:42:8329.',
      ['ip: 192.168.1.17', 'ip: 2001:db8::ff00:42:8329'],
    ],
    ['::ffff:10.0.0.1 it is', ['ip: ::ffff:10.0.0.1']],
    ['token fbt_A1b2C3d4E5f6 leaked', ['api_key: fbt_A1b2C3d4E5f6']],
    ['sk-proj-abcDEF1234567890abcDEF', ['api_key: sk-proj-abcDEF1234567890abcDEF']],
    ['AKIAIOSFODNN7EXAMPLE.', ['api_key: AKIAIOSFODNN7EXAMPLE']],
    ['ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789', ['api_key: ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789']],
    [
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
      [
        'api_key: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
      ],
    ],
    [
      'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb',
      ['api_key: -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'],
    ],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', ['api_key: -----BEGIN PRIVATE KEY-----\nMIIE']],
    ['my password is hunter2!', ['api_key: hunter2']],
    ['API_KEY="q9Zt-3xKw"', ['api_key: q9Zt-3xKw']],
    ['the password is “hunter2”', ['api_key: hunter2']],
    ['password: hünter2, please', ['api_key: hünter2']],
    ['password: Übergröße-99 and pwd=пароль123', ['api_key: Übergröße-99', 'api_key: пароль123']],
    [
      '4111.1111.1111.1111, 4111  1111  1111  1111, 4111\t1111\t1111\t1111',
      ['card: 4111.1111.1111.1111', 'card: 4111  1111  1111  1111', 'card: 4111\t1111\t1111\t1111'],
    ],
    [
      '4111 - 1111 - 1111 - 1111 or 3782/822463/10005',
      ['card: 4111 - 1111 - 1111 - 1111', 'card: 3782/822463/10005'],
    ],
    ['DE 89 3704 0044 0532 0130 00', ['iban: DE 89 3704 0044 0532 0130 00']],
    ['DE89.3704.0044.0532.0130.00', ['iban: DE89.3704.0044.0532.0130.00']],
    ['DE89  3704  0044  0532  0130 00', ['iban: DE89  3704  0044  0532  0130 00']],
  ])('finds what is in %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each([
    'invoice INV-1042 of 2026-01-02, 49.90 EUR, order 302-1234567, ticket #12345678',
    'at 2026-11-21T11:56:47Z and 12:30:45, in 1,234,567 steps, until 1700000000',
    '@ann:example.org in !abcdef:example.org or #talk:example.org says $1234:example.org',
    'v1.2.3.4 and version 10.0.0.1 use std::map and a::b',
    'commit 3f2a9c1e8b7d6f5a4c3b2a1908f7e6d5c4b3a291 in 550e8400-e29b-41d4-a716-446655440000',
    'The token expires in 30 days; my password is not accepted; the secret of 2fa',
    '`ssh -T git@forgebase.example`, git@forgebase.example:team/app.git and actions/checkout@v4.1 and lodash@4.17.21',
    'The mobile app fails for invoice 10428888 and 1234 1234 1234 1234',
    'task-sk-learn and sk-something-without-any-number',
    '10428888 12345678 4711 0815',
    '4111.1111.1111.1112 4111.1111 1111.1111 2026-01-02/4111/1111',
    'token: 这个令牌在2024年过期了',
    'the limit is 5000 minutes, the amount is 1200.00 and the token is INV-1042',
    '[EMAIL-7F3K2Q9D] [CARD …1234] [API_KEY-0123456789abcdef] [IP]',
    '',
  ])('leaves %j alone', (text) => {
    expect(found(text)).toEqual([]);
  });

  it.each([
    ['４１１１ １１１１ １１１１ １１１１', 'card'],
    ['4111\u200b1111\u20601111\u00ad1111', 'card'],
    ['\u202eann\u200d@exam\u200bple.org', 'email'],
    ['ann＠example．org', 'email'],
    ['+٤٩ ٣٠ ١٢٣٤٥٦٧٨', 'phone'],
    ['DE89\u00a03704\u20110044\u20020532 0130 00', 'iban'],
    ['jose\u0301@exa\u0308mple.org', 'email'],
    ['a\u0336n\u0336n\u0336@\u0336e\u0336x\u0336.\u0336o\u0336rg', 'email'],
    ['ann\u0001@exam\u007fple.o\u0086rg', 'email'],
    ['4\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e3 1111 1111 1111', 'card'],
    ['4111\u28001111\u00011111\u28001111', 'card'],
    ['+49\u0301 30 1\u03362345678', 'phone'],
  ])('sees through the disguise of %j', (text, kind) => {
    expect(detect(text, () => true)).toMatchObject([{ kind }]);
  });

  it('tells places in UTF-16 units of the original', () => {
    const text = '👩‍👩‍👧 𝐚nn@example.org 🎉 ok';
    expect(found(text)).toEqual(['email: 𝐚nn@example.org']);
  });

  it('covers all of what overlaps, as the longest of it', () => {
    expect(found('token=ann@example.org?key=1')).toEqual(['api_key: ann@example.org?key=1']);
    expect(found('https://api.example?token=x1y2z3w4&mail=bob@example.org')).toEqual([
      'api_key: x1y2z3w4&mail=bob@example.org',
    ]);
  });

  it('looks only for what is wanted', () => {
    const text = 'ann@example.org from 10.0.0.1';
    expect(detect(text, (kind) => kind === 'ip')).toMatchObject([{ kind: 'ip' }]);
  });
});
