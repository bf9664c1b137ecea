import type { Stream } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Logger } from 'pino';

const longestLine = 1_000;

/**
 * Writes what a child says on its standard error to the log, at debug: it is somebody else's text. A line is told by its
 * beginning, as soon as that is there: it may have no end.
 */
export function logLines(stream: Stream | null, log: Logger): void {
  if (stream === null) return;
  const decoder = new StringDecoder('utf8');
  let line: string | undefined = '';
  const tell = (): void => {
    const text = line?.slice(0, longestLine).trimEnd() ?? '';
    if (text !== '') log.debug({ line: text }, 'the server wrote');
  };
  stream.on('data', (chunk: Buffer) => {
    for (const [index, piece] of decoder.write(chunk).split('\n').entries()) {
      if (index > 0) {
        tell();
        line = '';
      }
      if (line === undefined) continue;
      line += piece;
      if (line.length < longestLine) continue;
      tell();
      line = undefined;
    }
  });
  stream.on('end', tell);
}
