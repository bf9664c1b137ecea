import type { Finding } from './privacy.ts';
import { wordStart } from './word-edge.ts';

/** Of scripts that set words apart: where they do not, a sentence would look like one piece. */
const letter = '\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}';
const name =
  '(?:pass(?:word|wd|phrase|code)|pwd|secret(?: key)?|(?:api|access|auth|private|secret|license)[ _-]?(?:key|token|secret)|token|bearer|credentials?)';
/** `token: x`, `password is "x"`, `API_KEY=x`, and `token x`, where less is believed. */
const names = new RegExp(
  `(?:${wordStart}|(?<=_))${name}["'\`]?([ \\t]{0,3}(?:[:=]{1,2}>?|->|\\b(?:is|was)\\b)[ \\t]{0,3}|[ \\t]{1,3})(?=["'\`(“‘„«]?[!-~${letter}])`,
  'giu',
);
const opening = /["'`(“‘„«]?/y;
/** What is pasted as one piece; brackets, quotes and masked text end it. So many signs decide. */
const sign = `[!#$%&*+,./0-9:;<=>?@\\\\^_{|}~${letter}-]`;
const piece = new RegExp(`${sign}{0,512}`, 'uy');
const more = new RegExp(`${sign}*`, 'uy');
const longest = 512;

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** An invoice, an order, a version, a time or a link: no secret. */
const identifier = /^(?:[A-Z]{1,10}[-#_]?[0-9]{1,12}|v?[0-9]+(?:[.,:/-][0-9]+)*[a-z%]{0,3}|https?:\/\/.*)$/;

/** Strings that a word such as "token" or "password" introduces and that no word of a language would be. */
export function findNamedSecrets(text: string): Finding[] {
  const found: Finding[] = [];
  names.lastIndex = 0;
  for (let match = names.exec(text); match !== null; match = names.exec(text)) {
    const behind = match.index + match[0].length;
    const start = behind + read(opening, text, behind).length;
    const value = read(piece, text, start).replace(/[.,;:!?]{1,8}$/, '');
    const isTold = /[:=>a-z]/i.test(match[1] ?? '');
    if (!isSecret(value, isTold)) continue;
    const rest = value.length < longest ? '' : read(more, text, start + value.length);
    const end = start + value.length + rest.length;
    found.push({ kind: 'api_key', start, end });
    names.lastIndex = end;
  }
  return found;
}

function read(pattern: RegExp, text: string, from: number): string {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0] ?? '';
}

function isSecret(value: string, isTold: boolean): boolean {
  if (uuid.test(value) || identifier.test(value)) return false;
  const hasLetter = /\p{L}/u.test(value);
  const hasDigit = /[0-9]/.test(value);
  if (isTold) return value.length >= 6 && hasLetter && hasDigit;
  // Without a sign between, only what looks like chance; commits are named by digests.
  return (
    value.length >= 16 && hasDigit && /[a-z]/.test(value) && /[A-Z]/.test(value) && bitsPerSign(value) >= 3.3
  );
}

/** Shannon's entropy. */
function bitsPerSign(value: string): number {
  const counts = new Map<string, number>();
  for (const sign of value) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
