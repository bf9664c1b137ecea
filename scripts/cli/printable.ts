/** Controls, formats (bidi and zero-width among them), surrogates and line separators, but for line feed and tab. */
const hostile = /(?![\n\t\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of strangers for a terminal: what could steer or mislead it is shown as an escape; a tab is two blanks. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '  ')
    .replaceAll(hostile, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}
