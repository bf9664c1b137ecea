import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gif, jpeg, png, webp } from '../../../tests/integration/media-samples.ts';
import { imageSize } from './image-size.ts';
import { sniffMedia } from './sniff-media.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('sniffMedia', () => {
  it.each([
    ['image/png', png(30, 20)],
    ['image/jpeg', jpeg(30, 20)],
    ['image/gif', gif(30, 20)],
    ['image/webp', webp('VP8 ', 30, 20)],
    ['image/webp', webp('VP8L', 30, 20)],
    ['image/webp', webp('VP8X', 30, 20)],
  ] as const)('knows an %s and its size by the header', (mimetype, file) => {
    expect(sniffMedia(file)).toEqual({ kind: 'image', mimetype });
    expect(imageSize(file, mimetype)).toEqual({ width: 30, height: 20 });
  });

  it('knows a PDF, and text in UTF-8 of any kind', () => {
    expect(sniffMedia(bytes('%PDF-1.7\n'))).toEqual({ kind: 'pdf', mimetype: 'application/pdf' });
    for (const text of ['name,price\nä,1', '{"a": "<b>"}', '# Title\n\n<details>', '2 < 3']) {
      expect(sniffMedia(bytes(text))).toEqual({ kind: 'text', text });
    }
  });

  it.each([
    ['a PNG of 50,000 x 50,000', png(1, 1, { width: 50_000, height: 50_000 })],
    ['a PNG without a width', png(1, 1, { width: 0, height: 4 })],
    ['a GIF of 65,535 x 65,535', gif(65_535, 65_535)],
    ['a WebP of 16,384 x 16,384', webp('VP8X', 16_384, 16_384)],
    ['a PNG that ends within its header', png().subarray(0, 18)],
    [
      'a PNG whose first chunk is no header',
      Buffer.from(png().toString('latin1').replace('IHDR', 'zTXt'), 'latin1'),
    ],
    ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ['a JPEG of segments without an end', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1])],
    ['a zip archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1')],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1')],
    ['HTML', bytes('\ufeff <!DOCTYPE html><script>alert(1)</script>')],
    ['HTML without a doctype', bytes('<html><body>')],
    ['SVG', bytes('<?xml version="1.0"?><svg onload="alert(1)"/>')],
    ['SVG by itself', bytes('\n<SVG xmlns="http://www.w3.org/2000/svg">')],
    ['text in UTF-16', Buffer.from('\ufeffhello', 'utf16le')],
    ['text with an escape sequence', bytes('\u001b[2J')],
    ['broken UTF-8', Buffer.from([0x61, 0xff, 0x61])],
    ['nothing', bytes('')],
    ['blanks', bytes(' \n')],
  ])('refuses %s', (_, file) => {
    expect(sniffMedia(file)).toBeUndefined();
  });

  it('ends with an answer for every bytes behind every signature', () => {
    const heads = [png(), jpeg(1, 1), gif(1, 1), webp('VP8X', 1, 1), Buffer.alloc(0)].map((file) =>
      file.subarray(0, 16),
    );
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), (head, rest) => {
        const sniffed = sniffMedia(Buffer.concat([head.subarray(0, 12), rest]));
        if (sniffed?.kind === 'text') expect(sniffed.text).not.toContain('\u0000');
      }),
    );
  });
});
