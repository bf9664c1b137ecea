import { LRUCache } from 'lru-cache';
import type { LiveEvent } from '../api/live.ts';
import type { Sample } from '../api/resources.ts';
import type { Follower } from './feed.ts';

type Counted = Pick<
  Sample,
  'messages' | 'replies' | 'failures' | 'approved' | 'edited' | 'rejected' | 'p50Ms' | 'p95Ms'
>;

/** Follows everything, and says what there was since it was asked last. */
export interface EventCounts extends Follower {
  take(): Counted;
}

/** Of one sample; more would say no more, and pile up where no sample can be taken. */
const mostDelays = 10_000;
/** Messages whose reply is awaited; an old one without a reply is forgotten. */
const awaited = { max: 20_000, ttl: 60 * 60_000 };

export function countEvents(): EventCounts {
  const sentAt = new LRUCache<string, number>(awaited);
  let counts = nothing();
  const onEvent = (event: LiveEvent) => {
    switch (event.event) {
      case 'message':
        counts.messages += 1;
        sentAt.set(event.turn, Date.parse(event.at));
        break;
      case 'reply': {
        counts.replies += 1;
        const sent = sentAt.get(event.turn);
        sentAt.delete(event.turn);
        if (sent !== undefined && counts.delays.length < mostDelays)
          counts.delays.push(Math.max(0, Date.parse(event.at) - sent));
        break;
      }
      case 'failed':
        counts.failures += 1;
        break;
      case 'approval_resolved':
        if (event.notice !== 'outcome') break;
        if (event.status === 'approved') counts.approved += 1;
        if (event.status === 'edited') counts.edited += 1;
        if (event.status === 'rejected') counts.rejected += 1;
        break;
      default:
        break;
    }
  };
  return {
    onEvent,
    onReachable: () => undefined,
    take: () => {
      const { delays, ...numbers } = counts;
      counts = nothing();
      delays.sort((a, b) => a - b);
      return { ...numbers, p50Ms: atPart(delays, 0.5), p95Ms: atPart(delays, 0.95) };
    },
  };
}

function nothing() {
  const delays: number[] = [];
  return { messages: 0, replies: 0, failures: 0, approved: 0, edited: 0, rejected: 0, delays };
}

function atPart(sorted: readonly number[], part: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
