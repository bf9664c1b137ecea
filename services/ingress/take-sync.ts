import type { Logger } from 'pino';
import { type RoomEvent, readRoomEvent } from '#matrix/room-event';
import type { InvitedRoom, JoinedRoom, SyncAnswer } from '#matrix/sync';
import { type BackfillDeps, backfillGap } from './backfill-gap.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { isInviterAllowed } from './inviter-pattern.ts';
import { sinceOwnJoin } from './own-join.ts';
import type { PendingJoins } from './pending-joins.ts';
import { readInvite } from './read-invite.ts';
import { isRoomAllowed, type RoomPolicy } from './room-policy.ts';
import type { RoomViews } from './room-views.ts';
import type { TakeEvents } from './take-events.ts';
import type { DeadInput } from './write-dead-letter.ts';

export interface TakeSyncDeps extends BackfillDeps {
  readonly takeEvents: TakeEvents;
  readonly views: Pick<RoomViews, 'forget'>;
  readonly joins: Pick<PendingJoins, 'add'>;
  readonly declineEncrypted: (room: string) => Promise<void>;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
  readonly policy: RoomPolicy;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

export type TakeSync = (answer: SyncAnswer, since: string | undefined, signal: AbortSignal) => Promise<void>;

/**
 * Takes all of one answer of `/sync`: resolves once everything in it is stored, and may be called again with the
 * same. Of the first answer of all (`since` undefined) only invites count: what was said before is never answered.
 */
export function createTakeSync(deps: TakeSyncDeps): TakeSync {
  return async (answer, since, signal) => {
    for (const room of answer.left) deps.views.forget(room);
    for (const { room, raw, reason } of answer.malformed) {
      await deps.writeDeadLetter({ room, eventId: null, raw, reason: `part of a sync answer: ${reason}` });
      deps.metrics.dead.inc();
    }
    for (const invited of answer.invited) await takeInvite(deps, invited);
    if (since === undefined) return;
    const events: RoomEvent[] = [];
    for (const joined of answer.joined) {
      if (isRoomAllowed(joined.room, deps.policy))
        events.push(...(await eventsOf(deps, joined, since, signal)));
      else deps.metrics.ignored.inc({ reason: 'room_not_allowed' }, joined.events.length);
    }
    await deps.takeEvents(events, signal);
  };
}

/** The room's new events in order, without what was said before the bot came in. */
async function eventsOf(
  deps: TakeSyncDeps,
  { room, events: shown, gapFrom }: JoinedRoom,
  since: string,
  signal: AbortSignal,
): Promise<readonly RoomEvent[]> {
  const newest = shown.map((event) => readRoomEvent(event, room));
  const sinceJoin = sinceOwnJoin(newest, deps.userId);
  if (gapFrom === null || sinceJoin.length < newest.length) return sinceJoin;
  const { events, missing } = await backfillGap(deps, { room, from: gapFrom, to: since }, signal);
  deps.metrics.gaps.inc({ outcome: missing === null ? 'closed' : 'open' });
  deps.metrics.gapEvents.inc(events.length);
  if (missing !== null) {
    const raw = { room, from: gapFrom, to: since, read: events.length };
    const reason = `events of the room are missing: ${missing}`;
    await deps.writeDeadLetter({ room, eventId: null, raw, reason });
    deps.metrics.dead.inc();
    deps.log.error(
      { room, reason: missing },
      'A gap in a room could not be closed: some messages are not read',
    );
  }
  return sinceOwnJoin([...events, ...newest], deps.userId);
}

async function takeInvite(deps: TakeSyncDeps, { room, state }: InvitedRoom): Promise<void> {
  const invite = readInvite(state, deps.userId);
  const isWelcome =
    invite !== undefined &&
    isRoomAllowed(room, deps.policy) &&
    isInviterAllowed(invite.inviter, deps.policy.allowedInviters);
  if (!isWelcome) return deps.metrics.ignored.inc({ reason: 'invite_refused' });
  return invite.isEncrypted ? deps.declineEncrypted(room) : deps.joins.add(room);
}
