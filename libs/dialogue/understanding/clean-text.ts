/** What is looked at of a long message: how it begins, and how it ends. */
const longestHead = 3_500;
const longestTail = 1_000;

/** A long run of signs ("!!!!!!!!…") says no more than its beginning and its end, and is read over and over. */
const longRun = /([^\p{L}\p{N}\s]{15})[^\p{L}\p{N}\s]*([^\p{L}\p{N}\s])/gu;

/** How Matrix clients write a mention of the bot: "@desk:example.org: …". */
const mention = /^@[^\s:]{1,200}:[^\s,]{1,200}[:,]?\s+/;

/**
 * The words of a message as they are read: without what it quotes, blocks of code, characters that nobody sees
 * (bidirectional marks, zero width) and a mention of the bot. In time linear in its length; the result is bounded.
 */
export function cleanText(text: string): string {
  const seen = bounded(text)
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/\p{Cf}|\p{Variation_Selector}/gu, '')
    .replaceAll(/[‘’ʼ´]/g, "'")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[^\S\n]+/g, ' ');
  const own = withoutQuotes(withoutCode(seen));
  return own
    .replaceAll('`', '')
    .replaceAll(longRun, '$1$2')
    .replaceAll(/ ?\n[\s]*/g, '\n')
    .trim()
    .replace(mention, '');
}

function bounded(text: string): string {
  if (text.length <= longestHead + longestTail) return text;
  return `${text.slice(0, longestHead)}\n${text.slice(-longestTail)}`;
}

/** A fence that is never closed hides the rest, as a client shows it. */
function withoutCode(text: string): string {
  return text
    .split('```')
    .filter((_, index) => index % 2 === 0)
    .join('\n');
}

/** What a reply quotes was said before; a message that only quotes is read as it is. */
function withoutQuotes(text: string): string {
  const lines = text.split('\n');
  const own = lines.filter((line) => !line.trimStart().startsWith('>'));
  return (
    own.some((line) => line.trim() !== '') ? own : lines.map((line) => line.replace(/^[\s>]+/, ''))
  ).join('\n');
}
