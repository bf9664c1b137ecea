/**
 * The text without the prefix that it begins with; undefined where it does not, or where only the beginning of a longer
 * word is alike. The case counts. A prefix alone is what was said.
 */
export function stripPrefix(
  text: string,
  prefix: string | undefined,
): { readonly isAddressed: true; readonly text: string } | undefined {
  const start = text.trimStart();
  if (prefix === undefined || !start.startsWith(prefix)) return undefined;
  const rest = start.slice(prefix.length);
  if (rest !== '' && !/^\s/.test(rest)) return undefined;
  const said = rest.trim();
  return { isAddressed: true, text: said === '' ? text.trim() : said };
}
