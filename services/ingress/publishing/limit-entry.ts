import { parseSessionId } from '#contract/session-id';
import type { RateLimits, Taken } from '#operations/limits/rate-limit';
import type { InboundEntry } from '../admission/verdict.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';

export type LimitEntry = (entry: InboundEntry) => Promise<InboundEntry>;

/** More than a batch has; what was forgotten and is repeated counts twice. */
const mostRemembered = 10_000;

/**
 * Takes what was written out of a message that is over the limit of its sender or its room, and marks it: it gets its
 * outcome like any other, without costing more than that. A message that is taken again, because its batch failed, counts
 * once and keeps its mark. Decisions, edits and redactions are never limited.
 */
export function createLimitEntry(limits: RateLimits, metrics: Pick<IngressMetrics, 'limited'>): LimitEntry {
  const remembered = new Map<string, Taken>();

  async function take({
    id,
    session,
    body,
  }: Extract<InboundEntry, { type: 'message.received' }>): Promise<Taken> {
    const known = remembered.get(id);
    if (known !== undefined) return known;
    const room = parseSessionId(session)?.room ?? '';
    const taken = await limits.take({ user: body.sender, room });
    remembered.set(id, taken);
    const [oldest] = remembered.keys();
    if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
    if (!taken.ok) metrics.limited.inc({ scope: taken.scope });
    return taken;
  }

  return async (entry) => {
    if (entry.type !== 'message.received') return entry;
    const taken = await take(entry);
    if (taken.ok) return entry;
    const { scope, tell } = taken;
    return { ...entry, body: { ...entry.body, text: '', attachments: [], limited: { scope, tell } } };
  };
}
