/**
 * Characters that a reader cannot see, or that move others about: controls, formats (bidi, zero-width, tags),
 * surrogates, unassigned and private ones, line separators and every blank but a lone space, fillers that are drawn
 * as nothing, and long stacks of combining marks.
 */
const deceptive =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<= ) |(?<=\p{M}{3})\p{M}/gu;

/** Text of strangers for a prompt: one line, with each deceptive character shown as its escape, e.g. `\u202e`. */
export function visible(text: string): string {
  return text.replaceAll(deceptive, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}
