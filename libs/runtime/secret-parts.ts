import type { SettingNote } from './setting-notes.ts';

/**
 * The parts of a variable's value that must not be shown: a secret as a whole and, as it may be a list of keys,
 * item by item; of a URL the password, both as written and decoded.
 */
export function secretParts(value: string, kind: SettingNote['kind']): string[] {
  if (kind === 'plain') return [];
  const parts = kind === 'secret' ? [value, ...value.split(',')] : urlPasswords(value);
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))];
}

function urlPasswords(value: string): string[] {
  const password = URL.parse(value.trim())?.password ?? '';
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A lone percent sign is legal in a URL as Redis clients read it; then there is no decoded form to hide.
    return [password];
  }
}
