/** The beginning of a text, `length` characters at most; where any are left out, it ends in how many. */
export function shorten(text: string, length: number): { text: string; hidden: number } {
  const signs = Array.from(text);
  const hidden = signs.length - length;
  if (hidden <= 0) return { text, hidden: 0 };
  const left = hidden === 1 ? '1 character is hidden' : `${hidden} characters are hidden`;
  return { text: `${signs.slice(0, length).join('')} … ${left}`, hidden };
}
