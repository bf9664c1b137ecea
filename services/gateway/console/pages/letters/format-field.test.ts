import { expect, test } from 'vitest';
import { formatField } from './format-field.ts';

test('a body is told over several lines', () => {
  expect(formatField('{"text":"hello","direct":true}')).toBe('{\n  "text": "hello",\n  "direct": true\n}');
});

test('broken JSON and plain text stay as they are', () => {
  expect(formatField('{"text":')).toBe('{"text":');
  expect(formatField('message.received')).toBe('message.received');
});

test('what cannot be seen is told', () => {
  expect(formatField('pay\u202Ebob')).not.toContain('\u202E');
});
