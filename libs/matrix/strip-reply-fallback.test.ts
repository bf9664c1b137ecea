import { expect, it } from 'vitest';
import { stripReplyFallback } from './strip-reply-fallback.ts';

it.each([
  ['> <@a:b> hi\n\nyes', 'yes'],
  ['> <@a:b> one\n> two\n\nyes\nno', 'yes\nno'],
  ['> * <@a:b> waves\n\nyes', 'yes'],
  ['> <@a:b> hi\n\n> quoted by me', '> quoted by me'],
  ['> <@a:b> hi\nno empty line', 'no empty line'],
  ['> <@a:b> nothing else', ''],
  ['> a quote of my own\n\nyes', '> a quote of my own\n\nyes'],
  ['plain', 'plain'],
])('makes %j into %j', (body, text) => {
  expect(stripReplyFallback(body)).toBe(text);
});
