import { expect, it } from 'vitest';
import { isTokenRight } from './is-token-right.ts';

const token = 'right';

it.each([
  ['Bearer right', undefined, true],
  ['bearer right', undefined, true],
  [undefined, 'right', true],
  ['Bearer right', 'right', true],
  [undefined, undefined, false],
  ['', undefined, false],
  ['right', undefined, false],
  ['Basic right', undefined, false],
  ['Bearer', 'right', false],
  ['Bearer wrong', 'right', false],
  ['Bearer right', 'wrong', false],
  ['Bearer right', '', false],
  [undefined, ['right', 'wrong'], false],
  [undefined, ['right', 'right'], true],
  [undefined, { right: 'right' }, false],
])('authorization %j, query %j: %s', (authorization, query, isRight) => {
  expect(isTokenRight({ authorization, query }, token)).toBe(isRight);
});
