export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Width and height as the header says, without decoding anything; undefined where there is no whole header. */
export function imageSize(bytes: Uint8Array, mimetype: ImageType): ImageSize | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (mimetype) {
      case 'image/png':
        return pngSize(buffer);
      case 'image/jpeg':
        return jpegSize(buffer);
      case 'image/gif':
        return { width: buffer.readUInt16LE(6), height: buffer.readUInt16LE(8) };
      case 'image/webp':
        return webpSize(buffer);
      default:
        return mimetype satisfies never;
    }
  } catch (error) {
    // It ends before its header does.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The IHDR chunk is always the first (PNG specification, 5.6). */
function pngSize(buffer: Buffer): ImageSize | undefined {
  if (buffer.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
}

/** Walks the segments up to the start of frame, SOF0 to SOF15 without DHT, JPG and DAC (ITU T.81, table B.1). */
function jpegSize(buffer: Buffer): ImageSize | undefined {
  let at = 2;
  while (buffer.readUInt8(at) === 0xff) {
    const marker = buffer.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: buffer.readUInt16BE(at + 5), width: buffer.readUInt16BE(at + 7) };
    // The picture itself begins, or ends: a header that comes later is none.
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + buffer.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The three forms of the first chunk (RFC 9649, 2.5 to 2.7). */
function webpSize(buffer: Buffer): ImageSize | undefined {
  const form = buffer.toString('latin1', 12, 16);
  if (form === 'VP8X') return { width: 1 + buffer.readUIntLE(24, 3), height: 1 + buffer.readUIntLE(27, 3) };
  if (form === 'VP8L') {
    const bits = buffer.readUInt32LE(21);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (form !== 'VP8 ') return undefined;
  return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff };
}
