import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import pino from 'pino';
import { expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { logLines } from './log-lines.ts';

function open() {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (json) => void lines.push(JSON.parse(json).line) });
  const stream = new PassThrough();
  logLines(stream, log);
  const end = async (): Promise<void> => {
    stream.end();
    await finished(stream);
  };
  return { stream, lines, end };
}

it('logs each line, however it is cut into pieces', async () => {
  const { stream, lines, end } = open();
  const snow = Buffer.from('snow ☃\n');
  for (const piece of ['one\r\nt', 'wo\n\n', snow.subarray(0, 6), snow.subarray(6), 'and the rest'])
    stream.write(piece);
  await end();
  expect(lines).toEqual(['one', 'two', 'snow ☃', 'and the rest']);
});

it('tells a line without an end by its beginning, once', async () => {
  const { stream, lines, end } = open();
  for (let piece = 0; piece < 300; piece += 1) stream.write('x'.repeat(10_000));
  await eventually(() => lines.length > 0);
  await end();
  expect(lines).toEqual(['x'.repeat(1_000)]);
});

it('goes on behind a line that was too long', async () => {
  const { stream, lines, end } = open();
  for (const piece of ['x'.repeat(2_000), 'x\nnext\n']) stream.write(piece);
  await end();
  expect(lines).toEqual(['x'.repeat(1_000), 'next']);
});
