import { createInterface } from 'node:readline';
import { PassThrough, type Stream } from 'node:stream';
import type { Logger } from 'pino';

const longestLine = 1_000;

/** Writes what a child says on its standard error to the log, at debug: it is somebody else's text. */
export function logLines(stream: Stream | null, log: Logger): void {
  if (stream === null) return;
  const lines = createInterface({
    input: stream.pipe(new PassThrough()),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  lines.on('line', (line) => log.debug({ line: line.slice(0, longestLine) }, 'the server wrote'));
}
