import { expect, it } from 'vitest';
import { megolmIndex } from './megolm-index.ts';

const message = (...bytes: number[]): string => Buffer.from([...bytes, 0x12, 0x10]).toString('base64');

it.each([
  [0, message(3, 8, 0)],
  [127, message(3, 8, 127)],
  [300, message(3, 8, 0xac, 2)],
  [4_294_967_295, message(3, 8, 0xff, 0xff, 0xff, 0xff, 0x0f)],
])('reads the index %i', (index, ciphertext) => {
  expect(megolmIndex(ciphertext)).toBe(index);
});

it.each([
  undefined,
  7,
  '',
  '%',
  message(2, 8, 1),
  message(3, 9, 1),
  message(3, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Buffer.from([3, 8, 0x80]).toString('base64'),
])('finds none in %j', (ciphertext) => {
  expect(megolmIndex(ciphertext)).toBeUndefined();
});
