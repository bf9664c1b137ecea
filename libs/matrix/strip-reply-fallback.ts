/**
 * A reply's own text, without the quote that older clients put before it (removed from the specification in
 * version 1.13): leading lines that start with `>` and the empty line after them.
 */
export function stripReplyFallback(body: string): string {
  if (!/^> ?(\* )?</.test(body)) return body;
  const lines = body.split('\n');
  const first = lines.findIndex((line) => !line.startsWith('>'));
  if (first < 0) return '';
  return lines.slice(lines[first]?.trim() === '' ? first + 1 : first).join('\n');
}
