import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PiiStrategy, PrivacyPolicy } from '#playbook/policies';
import { createProtect } from './create-protect.ts';
import { derivePlaceholderKey } from './derive-placeholder-key.ts';
import type { Protected } from './privacy.ts';
import { placeholdersIn, restore } from './restore.ts';

const session = '!room:example.org:main:@ann:example.org';
const key = derivePlaceholderKey(Buffer.alloc(32, 7).toString('base64'));
const all = (strategy: PiiStrategy): PrivacyPolicy => ({
  email: strategy,
  phone: strategy,
  card: strategy,
  iban: strategy,
  ip: strategy,
  api_key: strategy,
});

function taken(result: Protected): Extract<Protected, { ok: true }> {
  if (!result.ok) throw new Error('blocked');
  return result;
}

function putBack({ text, items }: Extract<Protected, { ok: true }>): string {
  const values = new Map(items.map(({ placeholder, value }) => [placeholder, value]));
  return restore(text, (placeholder) => values.get(placeholder));
}

const pieces = fc.constantFrom(
  'ann@example.org',
  '𝐚nn@example.org',
  '4111 1111 1111 1111',
  '４１１１111111111111',
  'DE89370400440532013000',
  '+49 30 12345678',
  '192.168.1.1',
  '2001:db8::1',
  'fbt_A1b2C3d4E5f6',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.',
  'password: hunter2',
  '-----BEGIN PRIVATE KEY-----',
  'token=',
  '4111.1111.1111.1111',
  'DE 89 3704 0044 0532 0130 00',
  '“',
  '👩‍👧',
  '\u200b',
  '\u0301',
  '\u0001',
  '\u007f',
  '\u2800',
  '[',
  ']',
  ' ',
  '\n',
  '-',
  '.',
  ',',
  ':',
  '@',
  '+',
  '0',
  'x',
);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.oneof(pieces, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
);

describe('createProtect', () => {
  it('replaces by strategy', () => {
    const policy: PrivacyPolicy = {
      ...all('redact'),
      email: 'token',
      card: 'mask',
      api_key: 'hash',
      ip: 'keep',
    };
    const result = taken(
      createProtect({ policy, key })(
        'ann@example.org 4111 1111 1111 1111 fbt_A1b2C3d4E5f6 DE89370400440532013000 10.0.0.1',
        session,
      ),
    );
    const digest = createHash('sha256').update('fbt_A1b2C3d4E5f6').digest('hex').slice(0, 16);
    expect(result.text).toMatch(
      new RegExp(
        `^\\[EMAIL-[0-9A-Z]{8}\\] \\[CARD …1111\\] \\[API_KEY-${digest}\\] \\[IBAN\\] 10\\.0\\.0\\.1$`,
      ),
    );
    expect(result.items).toEqual([{ placeholder: result.text.slice(0, 16), value: 'ann@example.org' }]);
    expect(result.kinds).toEqual(['email', 'card', 'api_key', 'iban']);
  });

  it.each([
    ['password: hunter2', 'password: [API_KEY …r2]'],
    ['from 1.1.1.1', 'from [IP …1]'],
    ['a@b.co', '[EMAIL …o]'],
    ['card 4222222222222', 'card [CARD …2222]'],
  ])('shows a third of what is masked at most: %s', (text, masked) => {
    expect(taken(createProtect({ policy: all('mask'), key })(text, session)).text).toBe(masked);
  });

  it('takes nothing of a text with a blocked kind', () => {
    const protect = createProtect({ policy: { ...all('token'), card: 'block' }, key });
    expect(protect('ann@example.org 4111111111111111', session)).toEqual({
      ok: false,
      kinds: ['email', 'card'],
    });
  });

  it('gives a value the same placeholder within a session, and another one elsewhere', () => {
    const protect = createProtect({ policy: all('token'), key });
    const first = taken(protect('ann@example.org and ann@example.org', session));
    expect(new Set(placeholdersIn(first.text)).size).toBe(1);
    expect(taken(protect('ann@example.org', session)).items).toEqual(first.items);
    const other = taken(protect('ann@example.org', session.replace('@ann', '@bob')));
    expect(other.items[0]?.placeholder).not.toBe(first.items[0]?.placeholder);
  });

  it('redacts what it could not make a placeholder for without a key', () => {
    const result = taken(createProtect({ policy: all('token'), key: undefined })('ann@example.org', session));
    expect(result).toEqual({ ok: true, text: '[EMAIL]', items: [], kinds: ['email'] });
  });

  it('knows its own placeholders from those that somebody typed or brought from elsewhere', () => {
    const protect = createProtect({ policy: all('token'), key });
    const own = taken(protect('ann@example.org', session)).text;
    expect(taken(protect(`Tell ${own}`, session)).text).toBe(`Tell ${own}`);
    const elsewhere = session.replace('@ann', '@bob');
    const [, signs = ''] = /-(.{8})/.exec(own) ?? [];
    expect(taken(protect(`Tell ${own}`, elsewhere)).text).toBe(`Tell [EMAIL ${signs}]`);
    expect(taken(protect('[EMAIL-ABCDEFGH]', session)).text).toBe('[EMAIL ABCDEFGH]');
  });

  it('takes any text, and changes nothing more when it reads what it wrote', () => {
    for (const strategy of ['token', 'redact', 'mask', 'hash', 'keep'] as const) {
      const protect = createProtect({ policy: all(strategy), key });
      fc.assert(
        fc.property(texts, (text) => {
          const once = taken(protect(text, session)).text;
          expect(taken(protect(once, session)).text).toBe(once);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('can put every value back exactly', () => {
    const protect = createProtect({ policy: all('token'), key });
    fc.assert(
      fc.property(texts, (text) => {
        expect(putBack(taken(protect(text, session)))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves no value in clear wherever it stands', () => {
    const protect = createProtect({ policy: all('redact'), key });
    const values = ['ann@example.org', '4111 1111 1111 1111', 'DE89370400440532013000', 'fbt_A1b2C3d4E5f6'];
    const words = fc.array(fc.constantFrom('so', '(', ')', '—', '🎉', ',', '"', '\n', '👍🏽'), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.constantFrom(...values), words, words, (value, before, after) => {
        const text = [...before, value, ...after].join(' ');
        expect(taken(protect(text, session)).text).not.toContain(value);
      }),
    );
  });
});
