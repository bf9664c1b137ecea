/**
 * The words of a message as they are compared: small letters, no signs, and `#` for whatever is a value: a `{slot}`, a
 * placeholder, a number, a code. "Refund INV-1!" and "refund {invoice_id}" are the same words.
 */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\{\w+\}|\[[a-z_]+-[^\]\s]*\]/g, ' # ')
    .replaceAll(/['’]/g, '');
  const words = plain.match(/[\p{L}\p{N}#_-]+|\p{Extended_Pictographic}/gu) ?? [];
  return words.map((word) => (/\p{N}/u.test(word) ? '#' : word));
}

/** Messages that differ in capital letters and signs alone have the same text; values count. */
export function plainTextOf(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}{}_[\]-]+|\p{Extended_Pictographic}/gu);
  return (words ?? []).join(' ');
}

/** Messages with the same key are the same words. */
export function keyOf(text: string): string {
  return wordsOf(text).join(' ');
}
