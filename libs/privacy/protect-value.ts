import type { PiiKind } from '#playbook/policies';
import type { Protect, VaultItem } from './privacy.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type ProtectedValue<Value> =
  | { readonly ok: true; readonly value: Value; readonly items: readonly VaultItem[] }
  | { readonly ok: false; readonly kinds: readonly PiiKind[] };

/** Protects every text in a JSON value; names of members stay. One blocked text blocks the whole. */
export function protectValue<Value extends JsonValue>(
  protect: Protect,
  value: Value,
  session: string,
): ProtectedValue<Value> {
  const items: VaultItem[] = [];
  const blocked = new Set<PiiKind>();
  const walk = (part: JsonValue): JsonValue => {
    if (typeof part === 'string') {
      const result = protect(part, session);
      if (result.ok) items.push(...result.items);
      else for (const kind of result.kinds) blocked.add(kind);
      return result.ok ? result.text : '';
    }
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, walk(member)]));
  };
  // Only texts change, and to texts: the shape stays.
  const walked = walk(value) as Value;
  return blocked.size > 0 ? { ok: false, kinds: [...blocked] } : { ok: true, value: walked, items };
}
