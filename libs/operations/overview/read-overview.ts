import type { Approval } from '#contract/approval';
import { listOpenApprovals } from '#operations/approvals/find-approvals';
import { type Member, readMembers } from '#operations/gateway/read-members';
import { listSessions, type SessionState } from '#operations/sessions/session-state';
import { readStreamStates, type StreamState } from '#operations/streams/read-stream-states';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { readProgress } from './read-progress.ts';
import { readSpeed, type Speed } from './read-speed.ts';

/** One look at everything that moves. Times in milliseconds, by Redis' clock. */
export interface Overview {
  readonly at: number;
  readonly streams: readonly StreamState[];
  readonly members: readonly Member[];
  readonly approvals: readonly Approval[];
  /** The conversations with the latest turns, newest first. */
  readonly sessions: readonly SessionState[];
  /** Inbound entries that have had an outcome since the group was made: for the difference of two looks. */
  readonly finished: number;
  readonly speed: Speed;
}

const mostSessions = 40;

/** Costs about six requests for each partition, all at once, and a list for each conversation that moves. */
export async function readOverview(transport: Transport): Promise<Overview> {
  const at = await redisNow(transport.redis);
  const [streams, members, approvals, sessions, finished] = await Promise.all([
    readStreamStates(transport),
    readMembers(transport, at),
    listOpenApprovals(transport),
    listSessions(transport, mostSessions),
    readProgress(transport),
  ]);
  const speed = await readSpeed(transport, sessions, at);
  return { at, streams, members, approvals, sessions, finished, speed };
}
