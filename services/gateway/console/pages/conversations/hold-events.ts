import type { LiveEvent } from '../../../api/live.ts';
import { identityOf } from './identity-of.ts';

/** What is in hand of a conversation, without holes, oldest first; each thing once. */
export interface HeldEvents {
  readonly byIdentity: ReadonlyMap<string, LiveEvent>;
  /** What to ask for as `before` to get what is older; null where nothing older is kept. */
  readonly older: string | null;
}

export const nothingHeld: HeldEvents = { byIdentity: new Map(), older: null };

/**
 * Adds what came later. Of a reply only the newest text is held. Beyond `most` the oldest are let go: they can be asked for
 * again. `older` counts where nothing was held before.
 */
export function holdNewer(
  held: HeldEvents,
  events: readonly LiveEvent[],
  { older, most }: { readonly older: string | null; readonly most: number },
): HeldEvents {
  const byIdentity = new Map(held.byIdentity);
  for (const event of events) put(byIdentity, event);
  const before = held.byIdentity.size === 0 && held.older === null ? older : held.older;
  let surplus = byIdentity.size - most;
  if (surplus <= 0) return { byIdentity, older: before };
  for (const identity of byIdentity.keys()) {
    if (surplus <= 0) break;
    byIdentity.delete(identity);
    surplus -= 1;
  }
  const [first] = byIdentity.values();
  return { byIdentity, older: first?.id ?? before };
}

/** Adds the page before. */
export function holdOlder(
  held: HeldEvents,
  { events, older }: { readonly events: readonly LiveEvent[]; readonly older: string | null },
): HeldEvents {
  const byIdentity = new Map<string, LiveEvent>();
  for (const event of events) put(byIdentity, event);
  for (const event of held.byIdentity.values()) put(byIdentity, event);
  return { byIdentity, older };
}

/** In the place of what it replaces. */
function put(byIdentity: Map<string, LiveEvent>, event: LiveEvent): void {
  const identity = placeOf(event);
  const known = byIdentity.get(identity);
  if (known === undefined || isNewerText(event, known)) byIdentity.set(identity, event);
}

/** Drafts and the reply that they become are one thing. */
function placeOf(event: LiveEvent): string {
  const isText = event.event === 'draft' || event.event === 'reply';
  return isText ? `text ${event.reply}` : identityOf(event);
}

function isNewerText(event: LiveEvent, known: LiveEvent): boolean {
  if (event.event === 'reply') return known.event === 'draft';
  return event.event === 'draft' && known.event === 'draft' && event.revision > known.revision;
}
