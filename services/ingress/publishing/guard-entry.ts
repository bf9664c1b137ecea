import type { PiiKind } from '#playbook/policies';
import type { Protect, VaultItem } from '#privacy/privacy';
import { protectValue } from '#privacy/protect-value';
import type { InboundEntry } from '../admission/verdict.ts';

export type Guarded =
  | { readonly ok: true; readonly entry: InboundEntry; readonly items: readonly VaultItem[] }
  | { readonly ok: false; readonly kinds: readonly PiiKind[] };

/**
 * The entry with personal data taken out of everything that somebody wrote: texts, names of attachments, a reviewer's
 * reason, answer and arguments. Names of people and ids stay.
 */
export function guardEntry(protect: Protect, entry: InboundEntry): Guarded {
  const { session } = entry;
  switch (entry.type) {
    case 'message.received': {
      const { text, attachments } = entry.body;
      const names = attachments.map(({ name }) => name);
      const result = protectValue(protect, { text, names }, session);
      if (!result.ok) return result;
      const { value, items } = result;
      const named = attachments.map((file, index) => ({ ...file, name: value.names[index] ?? '' }));
      return {
        ok: true,
        entry: { ...entry, body: { ...entry.body, text: value.text, attachments: named } },
        items,
      };
    }
    case 'message.edited': {
      const result = protectValue(protect, entry.body.text, session);
      if (!result.ok) return result;
      return {
        ok: true,
        entry: { ...entry, body: { ...entry.body, text: result.value } },
        items: result.items,
      };
    }
    case 'approval.decided': {
      const { text, edit } = entry.body;
      const result = protectValue(protect, { text, edit }, session);
      if (!result.ok) return result;
      return { ok: true, entry: { ...entry, body: { ...entry.body, ...result.value } }, items: result.items };
    }
    case 'message.redacted':
    case 'edit.redacted':
      return { ok: true, entry, items: [] };
    default:
      return entry satisfies never;
  }
}
