import { expect, it } from 'vitest';
import { parseReaction } from './parse-reaction.ts';

it.each([
  ['✅', 'approve'],
  ['\u2705\uFE0F', 'approve'],
  ['\u2705\uFE0E', 'approve'],
  ['\u2705\u{1F3FD}', 'approve'],
  ['❌', 'reject'],
  ['\u274C\uFE0F', 'reject'],
  ['👍', undefined],
  ['✅✅', undefined],
  ['✅ yes', undefined],
  ['✔️', undefined],
  ['approve', undefined],
  ['', undefined],
])('reads %j as %s', (key, decision) => {
  expect(parseReaction(key)).toBe(decision);
});
