import type { Logger } from 'pino';
import { type RoomEvent, readRoomEvent } from '#matrix/room-event';
import type { InvitedRoom, JoinedRoom, LeftRoom, SyncAnswer } from '#matrix/sync';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { isLineAllowed, isRoomAllowed, type RoomPolicy } from '../admission/room-policy.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { TakeEvents } from '../publishing/take-events.ts';
import type { DeadInput } from '../publishing/write-dead-letter.ts';
import type { JudgeInvite } from '../rooms/judge-invite.ts';
import { isOwnExit, isOwnJoin, sinceOwnJoin } from '../rooms/own-membership.ts';
import type { PendingJoins } from '../rooms/pending-joins.ts';
import type { PendingUpgrades } from '../rooms/pending-upgrades.ts';
import { readInvite } from '../rooms/read-invite.ts';
import type { RoomViews } from '../rooms/room-views.ts';
import { type BackfillDeps, backfillGap } from './backfill-gap.ts';

export interface TakeSyncDeps extends BackfillDeps {
  readonly takeEvents: TakeEvents;
  readonly views: Pick<RoomViews, 'forget'>;
  readonly joins: Pick<PendingJoins, 'add'>;
  readonly upgrades: Pick<PendingUpgrades, 'invited'>;
  readonly moves: Pick<RoomMoves, 'lineOf'>;
  readonly openJudgeInvite: () => Promise<JudgeInvite>;
  /** Undefined where the bot can read them. */
  readonly declineEncrypted: ((room: string) => Promise<void>) | undefined;
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
  /** What a repeat of its answer must not count again: tokens of its sender's limit. */
  const taken = new WeakSet<InvitedRoom>();
  return async (answer, since, signal) => {
    for (const { room } of answer.left) deps.views.forget(room);
    for (const { room, raw, reason } of answer.malformed) {
      await deps.writeDeadLetter({ room, eventId: null, raw, reason: `part of a sync answer: ${reason}` });
      deps.metrics.dead.inc();
    }
    const invites = answer.invited.filter((invited) => !taken.has(invited));
    if (invites.length > 0) {
      const judge = await deps.openJudgeInvite();
      for (const invited of invites) {
        signal.throwIfAborted();
        await takeInvite(deps, judge, invited);
        taken.add(invited);
      }
    }
    if (since === undefined) return;
    const events: RoomEvent[] = answer.left.flatMap((left) => exitOf(deps, left));
    for (const joined of answer.joined) {
      if (await isWithin(deps, joined.room)) events.push(...(await eventsOf(deps, joined, since, signal)));
      else deps.metrics.ignored.inc({ reason: 'room_not_allowed' }, joined.events.length);
    }
    await deps.takeEvents(events, signal);
  };
}

async function isWithin({ policy, moves }: TakeSyncDeps, room: string): Promise<boolean> {
  return isRoomAllowed(room, policy) || isLineAllowed(await moves.lineOf(room), policy);
}

/** How we came out of a room; nothing else that was said there can be answered. */
function exitOf({ userId }: TakeSyncDeps, { room, events }: LeftRoom): RoomEvent[] {
  const exit = events
    .map((event) => readRoomEvent(event, room))
    .findLast((event) => isOwnExit(event, userId));
  return exit === undefined ? [] : [exit];
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
  // Put out and invited again within one round: what was begun before has ended all the same.
  const exits = newest.slice(0, -sinceJoin.length).filter((event) => isOwnExit(event, deps.userId));
  // What is missing was said before the bot came in.
  const hasJoined = newest.some((event) => isOwnJoin(event, deps.userId));
  if (gapFrom === null || hasJoined) return [...exits.slice(-1), ...sinceJoin];
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

async function takeInvite(
  deps: TakeSyncDeps,
  judge: JudgeInvite,
  { room, state }: InvitedRoom,
): Promise<void> {
  const invite = readInvite(state, deps.userId);
  const verdict = invite === undefined ? 'refused' : await judge({ room, inviter: invite.inviter });
  switch (verdict) {
    case 'join':
      if (invite?.isEncrypted === true && deps.declineEncrypted !== undefined) {
        return deps.declineEncrypted(room);
      }
      return deps.joins.add(room);
    case 'upgrade':
      return deps.upgrades.invited(room);
    case 'refused':
    case 'limited':
      return deps.metrics.ignored.inc({ reason: `invite_${verdict}` });
    default:
      return verdict satisfies never;
  }
}
