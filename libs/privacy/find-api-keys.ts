import { maskedSign } from './normalise-text.ts';
import type { Finding } from './privacy.ts';

interface Family {
  readonly prefix: string;
  /** Characters behind the prefix. */
  readonly least: number;
  /** Dots are part of it, beside letters, digits, `_` and `-`. */
  readonly isDotted?: true;
  /** The prefix alone says little: a digit is asked for. */
  readonly isCommon?: true;
}

/** What `{"` begins with in base64. */
const jsonWebToken = 'eyJ';

/** As documented by those who hand them out. The code host of the example uses `fbt_` and `fbp_`. */
const families: readonly Family[] = [
  { prefix: 'sk-', least: 16, isCommon: true },
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'pk_live_'].map((prefix) => ({ prefix, least: 10 })),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((prefix) => ({ prefix, least: 16 })),
  ...['glpat-', 'gldt-', 'glrt-'].map((prefix) => ({ prefix, least: 12 })),
  ...['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'].map((prefix) => ({ prefix, least: 10 })),
  ...['AKIA', 'ASIA'].map((prefix) => ({ prefix, least: 16 })),
  { prefix: 'AIza', least: 30 },
  { prefix: 'npm_', least: 30 },
  { prefix: 'hf_', least: 24 },
  { prefix: 'dop_v1_', least: 40 },
  { prefix: 'pypi-', least: 40 },
  { prefix: 'SG.', least: 30, isDotted: true },
  { prefix: jsonWebToken, least: 17, isDotted: true },
  ...['fbt_', 'fbp_'].map((prefix) => ({ prefix, least: 8 })),
];

const prefixes = new RegExp(
  `(?<![\\p{L}\\p{N}${maskedSign}])(?:${families.map(({ prefix }) => prefix.replace('.', '\\.')).join('|')})`,
  'gu',
);
const signs = /[A-Za-z0-9_-]*/y;
const dottedSigns = /[A-Za-z0-9_.-]*/y;
/** Header, payload, and what may follow them (RFC 7519). */
const webTokenSigns = /[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]*/y;
const blockBegin = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;
const blockEnd = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;

/** Keys and tokens that their form gives away, whole blocks of private keys among them. */
export function findApiKeys(text: string): Finding[] {
  return [...findTokens(text), ...findKeyBlocks(text)];
}

function findTokens(text: string): Finding[] {
  const found: Finding[] = [];
  prefixes.lastIndex = 0;
  for (let match = prefixes.exec(text); match !== null; match = prefixes.exec(text)) {
    const [prefix] = match;
    const family = families.find((known) => known.prefix === prefix);
    const behind = match.index + prefix.length;
    const rest = family === undefined ? '' : restOf(family, text, behind);
    if (family !== undefined && isToken(family, rest)) {
      found.push({ kind: 'api_key', start: match.index, end: behind + rest.length });
    }
    // Never over the same signs again, or a run of prefixes would cost the square of its length.
    prefixes.lastIndex = behind + Math.max(rest.length, read(signs, text, behind).length);
  }
  return found;
}

function restOf({ prefix, isDotted }: Family, text: string, behind: number): string {
  if (prefix === jsonWebToken) return withoutStop(read(webTokenSigns, text, behind));
  return withoutStop(read(isDotted === true ? dottedSigns : signs, text, behind));
}

function read(pattern: RegExp, text: string, from: number): string {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0] ?? '';
}

/** A full stop or a dash behind it belongs to the sentence. */
function withoutStop(token: string): string {
  return token.replace(/[.-]{1,8}$/, '');
}

function isToken({ least, isCommon }: Family, rest: string): boolean {
  return rest.length >= least && (isCommon !== true || /[0-9]/.test(rest));
}

/** From the first line to the last; to the end of the text where the last is missing. */
function findKeyBlocks(text: string): Finding[] {
  const found: Finding[] = [];
  blockBegin.lastIndex = 0;
  for (let begin = blockBegin.exec(text); begin !== null; begin = blockBegin.exec(text)) {
    blockEnd.lastIndex = blockBegin.lastIndex;
    const last = blockEnd.exec(text);
    const end = last === null ? text.length : last.index + last[0].length;
    found.push({ kind: 'api_key', start: begin.index, end });
    blockBegin.lastIndex = end;
  }
  return found;
}
