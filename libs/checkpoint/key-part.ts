/**
 * `encodeKeyPart` makes any string safe as one part of a Redis key or field: injective, free of `:` (the separator),
 * of braces (so that a hash tag stays what the prefix says) and of blanks and control characters. Everything else,
 * any script included, stays readable. Lone surrogates, which UTF-8 would merge into one character, are kept apart.
 */
export function encodeKeyPart(part: string): string {
  return part.replace(unsafe, escapeUnit);
}

/** The exact inverse of `encodeKeyPart`. */
export function decodeKeyPart(encoded: string): string {
  return encoded.replace(/%u([0-9A-F]{4})|%([0-9A-F]{2})/g, (_, wide?: string, narrow?: string) =>
    String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)),
  );
}

const unsafe = /[%:{}\u0000-\u0020\u007f-\u009f]|\p{Surrogate}/gu;

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  const hex = code.toString(16).toUpperCase();
  return code > 0xff ? `%u${hex.padStart(4, '0')}` : `%${hex.padStart(2, '0')}`;
}
