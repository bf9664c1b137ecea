import { expect, it } from 'vitest';
import { isInviterAllowed, isInviterPattern } from './inviter-pattern.ts';

it.each([
  ['@alice:example.org', ['*'], true],
  ['@alice:example.org', ['@alice:example.org'], true],
  ['@alice:example.org', ['@bob:example.org', '@*:example.org'], true],
  ['@alice:example.org', [], false],
  ['@alice:example.org', ['@*:example.com'], false],
  ['@alice:example.org', ['@*:org'], false],
  ['@alice:evil.example.org', ['@*:example.org'], false],
  ['@alice:example.org.evil.com', ['@*:example.org'], false],
  ['@alice:example.org:8448', ['@*:example.org'], false],
  ['@alice:example.org:8448', ['@*:example.org:8448'], true],
  ['@аlice:example.org', ['@alice:example.org'], false],
  ['@Alice:example.org', ['@alice:example.org'], false],
])('%s by %j: %s', (user, patterns, isAllowed) => {
  expect(isInviterAllowed(user, patterns)).toBe(isAllowed);
});

it('knows what a pattern looks like', () => {
  expect(['*', '@a:b', '@*:b'].every(isInviterPattern)).toBe(true);
  expect(['', 'a', '@a', '*:b', '!a:b', '@*'].some(isInviterPattern)).toBe(false);
});
