/**
 * The ratchet index of a megolm message, which its sender uses once for each session (Olm project, "Megolm group
 * ratchet", "Message format"): version 3, then the tag 0x08 and the index as a varint. Undefined where it is none.
 */
export function megolmIndex(ciphertext: unknown): number | undefined {
  if (typeof ciphertext !== 'string') return undefined;
  // The index is within the first bytes.
  const bytes = Buffer.from(ciphertext.slice(0, 16), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 8) return undefined;
  let index = 0;
  for (let position = 2, factor = 1; position < 7; position += 1, factor *= 128) {
    const byte = bytes[position];
    if (byte === undefined) return undefined;
    index += (byte & 127) * factor;
    if (byte < 128) return index;
  }
  return undefined;
}
