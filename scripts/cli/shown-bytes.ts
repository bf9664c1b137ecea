import { isUtf8 } from 'node:buffer';
import { printable } from './printable.ts';

/** Bytes as text for a terminal, or what is not text as hex, shortened to about `most` characters. */
export function shownBytes(bytes: Buffer, most = Number.POSITIVE_INFINITY): string {
  const text = isUtf8(bytes) ? printable(bytes.toString()) : `0x${bytes.toString('hex')}`;
  return text.length <= most ? text : `${text.slice(0, most)}… (${bytes.length} bytes)`;
}
