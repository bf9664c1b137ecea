import { parseSessionId } from '#contract/session-id';
import type { RateLimits } from '#operations/limits/rate-limit';
import type { InboundEntry } from '../admission/verdict.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';

export type LimitEntry = (entry: InboundEntry) => Promise<InboundEntry>;

/**
 * Takes what was written out of a message that is over the limit of its sender or its room, and marks it: it gets its
 * outcome like any other, without costing more than that. Decisions, edits and redactions are never limited.
 */
export function createLimitEntry(limits: RateLimits, metrics: Pick<IngressMetrics, 'limited'>): LimitEntry {
  return async (entry) => {
    if (entry.type !== 'message.received') return entry;
    const room = parseSessionId(entry.session)?.room ?? '';
    const taken = await limits.take({ user: entry.body.sender, room });
    if (taken.ok) return entry;
    const { scope, tell } = taken;
    metrics.limited.inc({ scope });
    return { ...entry, body: { ...entry.body, text: '', attachments: [], limited: { scope, tell } } };
  };
}
