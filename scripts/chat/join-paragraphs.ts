const fence = /^\s*(```|~~~)/;
/** A line that begins something of its own. */
const begins = /^\s*([-*+]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\||([-*_])(\s*\2){2,}\s*$)/;
/** Two blanks or a backslash at its end: the break is meant. */
const isBroken = /( {2}|\\)$/;

/** Markdown with one line for each paragraph and item, as its lone line breaks are blanks; code stays as it is. */
export function joinParagraphs(markdown: string): string {
  const lines: string[] = [];
  let isCode = false;
  let canGoOn = false;
  for (const line of markdown.split('\n')) {
    const isFence = fence.test(line);
    const isOwn = isCode || isFence || line.trim() === '' || begins.test(line);
    const last = lines.length - 1;
    if (canGoOn && !isOwn) lines[last] = `${lines[last]} ${line.trim()}`;
    else lines.push(line.replace(/\\$/, ''));
    if (isFence) isCode = !isCode;
    const isHeading = /^#{1,6}\s/.test(line);
    canGoOn = !isCode && !isFence && !isHeading && line.trim() !== '' && !isBroken.test(line);
  }
  return lines.join('\n');
}
