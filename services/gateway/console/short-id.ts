/** 16 characters that nobody else has, for names of conversations and ids of messages and decisions. Also without https. */
export function shortId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
