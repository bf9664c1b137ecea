/** The beginning of a text, `longest` characters of it; where any are left out, it ends in a sign of that. */
export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text.toWellFormed() : `${text.slice(0, longest).toWellFormed()}…`;
}

/** The same in one line. */
export function shortLine(text: string, longest: number): string {
  return shorten(text.replaceAll(/\s+/g, ' ').trim(), longest);
}
