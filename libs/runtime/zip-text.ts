import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { zipDictionary } from './zip-dictionary.ts';

const mark = 'zip1.';
/** Below it a person with redis-cli gains more by reading than Redis by saving. */
const leastBytes = 512;
/** More than anything of ours comes to: what claims more was not written by us. */
const mostBytes = 16 * 1024 * 1024;
/** A small window needs little memory to be set up, which is most of the work for a kilobyte; level 6 takes half as long again for 5 %. */
const settings = { dictionary: zipDictionary, windowBits: 12, memLevel: 5, level: 3 };

/** Whether a text begins as zipped ones do; only `unzipText` tells whether it is one. */
export function isZipped(text: string): boolean {
  return text.startsWith(mark);
}

/** The bytes of a text by raw DEFLATE (RFC 1951), from our dictionary on; undefined where it is short or gains nothing. */
export function deflateText(text: string): Buffer | undefined {
  if (text.length < leastBytes) return undefined;
  const bytes = Buffer.from(text);
  // One chunk, and no larger than needed: by default each call would take 16 KiB.
  const deflated = deflateRawSync(bytes, { ...settings, chunkSize: bytes.length });
  return deflated.length < bytes.length * 0.7 ? deflated : undefined;
}

/** The inverse; throws where the bytes are something else, or come to more than 16 MiB. */
export function inflateText(bytes: Uint8Array): string {
  return inflateRawSync(bytes, { ...settings, maxOutputLength: mostBytes }).toString('utf8');
}

/** As one word, `zip1.` and base64url: it may stand wherever the text could. Undefined where it would not be smaller. */
export function zipText(text: string): string | undefined {
  const deflated = deflateText(text);
  return deflated && `${mark}${deflated.toString('base64url')}`;
}

/** The text of a zipped one; undefined for any other, also for one that only begins like it. */
export function unzipText(text: string): string | undefined {
  const data = text.slice(mark.length);
  if (!isZipped(text) || !/^[\w-]+$/.test(data)) return undefined;
  try {
    return inflateText(Buffer.from(data, 'base64url'));
  } catch {
    return undefined;
  }
}
