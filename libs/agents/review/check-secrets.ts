import type { Checked } from './problem.ts';

/** What keys of well-known makes look like; lengths are bounded, so time is linear. */
const makes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /\b(?:ghp|gho|ghu|ghs|ghr|glpat|github_pat|npm|pypi|dckr_pat|fgb|fbp)[_-][A-Za-z0-9_-]{16,255}/g,
  /\bsk-[A-Za-z0-9_-]{16,255}/g,
  /\b(?:sk|pk|rk|whsec)_(?:live|test)?_?[A-Za-z0-9]{16,255}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,60}/g,
  /\bsyt_[A-Za-z0-9_]{10,255}/g,
  /\beyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{0,4000})?/g,
];
/** A password, told as one: the words before it stay. */
const told =
  /\b((?:password|passwd|secret|api[ _-]?key|access[ _-]?token)\s{0,3}[:=]\s{0,3}["'`]?)[^\s"'`<>{}[\]()]{8,255}/gi;
const anyKey = /\b[A-Za-z0-9_-]{32,255}/g;

/** Takes out what looks like a secret: keys of known makes, and long mixtures of small and capital letters and digits. */
export function checkSecrets(draft: string): Checked {
  let count = 0;
  const remove = (): string => {
    count += 1;
    return '(removed)';
  };
  const known = makes.reduce((text, make) => text.replaceAll(make, remove), draft);
  const untold = known.replaceAll(told, (_, before: string) => `${before}${remove()}`);
  const text = untold.replaceAll(anyKey, (word) => (isMixture(word) ? remove() : word));
  return {
    text,
    problems: count > 0 ? [{ kind: 'secret', why: 'held what looks like a key or a password' }] : [],
  };
}

function isMixture(word: string): boolean {
  const digits = word.match(/\d/g)?.length ?? 0;
  return (
    digits >= 3 && /[a-z]/.test(word) && /[A-Z]/.test(word) && !/^[A-Za-z]+(?:[_-][A-Za-z0-9]+)+$/.test(word)
  );
}
