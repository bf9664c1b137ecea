/** The letters of base58 as Bitcoin uses them: none that look alike. */
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const prefix = [0x8b, 0x01] as const;
const keyBytes = 32;

/** A key of 32 bytes as people write it down (client-server API, "Recovery key"): base58, in groups of four. */
export function writeRecoveryKey(key: Uint8Array): string {
  const bytes = [...prefix, ...key];
  const parity = bytes.reduce((sum, byte) => sum ^ byte, 0);
  return toBase58([...bytes, parity]).replaceAll(/.{4}(?=.)/g, '$& ');
}

/** What was written down, blanks aside; a reason, for people, where it cannot be right. */
export function readRecoveryKey(
  text: string,
): { readonly ok: true; readonly key: Buffer } | { readonly ok: false; readonly reason: string } {
  const letters = text.replaceAll(/\s/g, '');
  const wrong = [...letters].find((letter) => !alphabet.includes(letter));
  if (wrong !== undefined)
    return { ok: false, reason: `it holds ${JSON.stringify(wrong)}, which no recovery key has` };
  // 35 bytes are 48 letters; more would only cost time.
  if (letters.length < 40 || letters.length > 52)
    return { ok: false, reason: `it has ${letters.length} letters, and a whole one has 48` };
  const bytes = fromBase58(letters);
  if (bytes.length !== prefix.length + keyBytes + 1 || prefix.some((byte, index) => bytes[index] !== byte))
    return { ok: false, reason: 'it does not begin as recovery keys do' };
  if (bytes.reduce((sum, byte) => sum ^ byte, 0) !== 0)
    return { ok: false, reason: 'its check sum is wrong: a letter was misread' };
  return { ok: true, key: Buffer.from(bytes.slice(prefix.length, prefix.length + keyBytes)) };
}

function toBase58(bytes: readonly number[]): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  while (rest > 0n) {
    text = alphabet.charAt(Number(rest % 58n)) + text;
    rest /= 58n;
  }
  return text;
}

function fromBase58(text: string): number[] {
  const value = [...text].reduce((sum, letter) => sum * 58n + BigInt(alphabet.indexOf(letter)), 0n);
  const hex = value.toString(16);
  return [...Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')];
}
