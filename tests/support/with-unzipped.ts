import { unzipText } from '#runtime/zip-text';

/** A text with what stands zipped in it behind it, in clear: to look for what must not, or must, stand there. */
export function withUnzipped(text: string): string {
  const zipped = text.match(/zip1\.[\w-]+/g) ?? [];
  return [text, ...zipped.flatMap((one) => unzipText(one) ?? [])].join('\n');
}
