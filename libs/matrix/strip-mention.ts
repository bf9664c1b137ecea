export interface Names {
  readonly userId: string;
  /** In the room at hand. */
  readonly displayName: string | null;
}

/** A bare name is a word like any other, unless it is set off. */
const afterBareName = /^\s?[:,]\s*/;
/** What may follow without making it a longer name, e.g. a user id of another server. */
const afterMention = /^(\s?[:,](\s+|$)|\s+|$|(?=[!?.;](\s|$)))/;

/**
 * Whether the text addresses the bot at its start (`vagent: …`, `@vagent …`, its user id), and the text without
 * that address. With `isListed` (its id is among `m.mentions`) a bare name at the start is an address too.
 */
export function stripMention(
  text: string,
  names: Names,
  isListed: boolean,
): { readonly isAddressed: boolean; readonly text: string } {
  const localpart = names.userId.slice(1).split(':', 1)[0] ?? '';
  const plain = [names.displayName ?? '', localpart].filter((name) => name.trim() !== '');
  const marked = [names.userId, ...plain.map((name) => `@${name}`)];
  const start = text.trimStart();
  for (const name of [...marked, ...plain].sort((a, b) => b.length - a.length)) {
    if (start.slice(0, name.length).toLowerCase() !== name.toLowerCase()) continue;
    const rest = start.slice(name.length);
    const isBare = !marked.includes(name);
    const end = (isBare && !isListed ? afterBareName : afterMention).exec(rest);
    if (end === null) continue;
    const said = rest.slice(end[0].length).trim();
    // An address alone is what was said.
    return { isAddressed: true, text: said === '' ? text.trim() : said };
  }
  return { isAddressed: isListed, text: text.trim() };
}
