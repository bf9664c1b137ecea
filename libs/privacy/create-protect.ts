import { createHash } from 'node:crypto';
import type { PiiKind, PiiStrategy, PrivacyPolicy } from '#playbook/policies';
import { type Detected, detect } from './detect.ts';
import { isOurs, restorable, tokenOf } from './placeholder.ts';
import type { Protect, VaultItem } from './privacy.ts';

/**
 * Protects texts as the policy says. What looks like a placeholder that can be put back, and is none that was made for
 * this session, is written differently (`[EMAIL 7F3K2Q9D]`), so that nobody can pass one off as real.
 *
 * @param key makes the placeholders of `token`; without it they could be guessed, and `token` becomes `redact`.
 */
export function createProtect({ policy, key }: { policy: PrivacyPolicy; key: Buffer | undefined }): Protect {
  const strategyOf = (kind: PiiKind): PiiStrategy =>
    policy[kind] === 'token' && key === undefined ? 'redact' : policy[kind];
  const isWanted = (kind: PiiKind): boolean => policy[kind] !== 'keep';
  return (text, session) => {
    const honest = text.includes('[') ? withoutForgeries(text, session, key) : text;
    const found = detect(honest, isWanted);
    const kinds = [...new Set(found.map(({ kind }) => kind))];
    if (kinds.some((kind) => policy[kind] === 'block')) return { ok: false, kinds };
    const items = new Map<string, VaultItem>();
    const parts: string[] = [];
    let done = 0;
    for (const finding of found) {
      const value = honest.slice(finding.start, finding.end);
      const strategy = strategyOf(finding.kind);
      const isToken = strategy === 'token' && key !== undefined;
      const placeholder = isToken
        ? tokenOf(key, session, finding.kind, value)
        : lastingPlaceholder(strategy, finding);
      if (isToken) items.set(placeholder, { placeholder, value });
      parts.push(honest.slice(done, finding.start), placeholder);
      done = finding.end;
    }
    parts.push(honest.slice(done));
    return { ok: true, text: parts.join(''), items: [...items.values()], kinds };
  };
}

function withoutForgeries(text: string, session: string, key: Buffer | undefined): string {
  return text.replaceAll(restorable, (placeholder, name: string, signs: string) => {
    const isReal = key !== undefined && isOurs(key, session, name, signs);
    return isReal ? placeholder : `[${name} ${signs}]`;
  });
}

/** A placeholder that stays: it says what was there, and at most what a person or a tool needs to find it. */
function lastingPlaceholder(strategy: PiiStrategy, { kind, value }: Detected): string {
  const name = kind.toUpperCase();
  switch (strategy) {
    case 'mask': {
      const shown = lastSigns(value);
      return shown === '' ? `[${name}]` : `[${name} …${shown}]`;
    }
    case 'hash':
      return `[${name}-${createHash('sha256').update(value).digest('hex').slice(0, 16)}]`;
    case 'redact':
    case 'token':
    case 'block':
    case 'keep':
      return `[${name}]`;
    default:
      return strategy satisfies never;
  }
}

/** Four, as on a receipt; of what is short less, so that most of it stays hidden. */
function lastSigns(value: string): string {
  const signs = Array.from(value.replaceAll(/[^\p{L}\p{N}]/gu, ''));
  return signs.slice(Math.max(signs.length - 4, Math.ceil((signs.length * 2) / 3))).join('');
}
