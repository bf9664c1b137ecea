import type { Finding } from './privacy.ts';

/** What is in use; the signs that RFC 5322 allows beside these are taken for the sentence's. */
const localSign = /[\p{L}\p{N}._%+'-]/u;
const wordSign = /[\p{L}\p{N}]/u;
/** At most eight labels of at most 63 characters; the last one has no digits, or is punycode. */
const domain =
  /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{1,59}|[\p{L}]{2,63})(?![\p{L}\p{N}])/uy;
const longestLocal = 64;
/** Accounts of programs at code hosts, as in `git@host:path`: nobody's address. */
const machine = /^(?:git|hg|svn)$/i;

/**
 * Email addresses: a local part of at most 64 characters, a host with a dot (RFC 5321). Matrix ids and the addresses of
 * repositories are none.
 */
export function findEmails(text: string): Finding[] {
  const found: Finding[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOfLocal(text, at);
    if (start === at) continue;
    domain.lastIndex = at + 1;
    const host = domain.exec(text)?.[0];
    if (host === undefined) continue;
    const end = at + 1 + host.length;
    if (isMatrixId(text, start, end) || machine.test(text.slice(start, at))) continue;
    found.push({ kind: 'email', start, end });
  }
  return found;
}

function startOfLocal(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < longestLocal && localSign.test(text.charAt(start - 1))) start -= 1;
  // Quotes and dots in front belong to the sentence.
  while (start < at && !wordSign.test(text.charAt(start)) && text.charAt(start) !== '_') start += 1;
  return start;
}

function isMatrixId(text: string, start: number, end: number): boolean {
  return text.charAt(start - 1) === '@' && /^:[a-z0-9]/i.test(text.slice(end, end + 2));
}
