import { roomId } from '#contract/matrix-ids';
import { MatrixRequestError } from '#matrix/errors';
import type { DecodedEvent, RoomEvent } from '#matrix/room-event';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { admitByEncryption } from '../encrypted/admit-by-encryption.ts';
import { type AdmitUndecryptableDeps, admitUndecryptable } from '../encrypted/admit-undecryptable.ts';
import { UnreadableApprovalError } from '../errors.ts';
import { type AdmitMemberDeps, admitMember } from '../rooms/admit-member.ts';
import type { RoomViews } from '../rooms/room-views.ts';
import { admitEdit, admitRedaction } from './admit-change.ts';
import { admitAdminMessage, admitReaction } from './admit-decision.ts';
import { type AdmitMessageDeps, admitMessage } from './admit-message.ts';
import { isLineAllowed } from './room-policy.ts';
import type { SessionMemory } from './session-memory.ts';
import { dead, ignore, type Verdict } from './verdict.ts';

export interface AdmitDeps
  extends AdmitMessageDeps,
    AdmitUndecryptableDeps,
    Pick<AdmitMemberDeps, 'openJudgeInvite'> {
  readonly views: RoomViews;
  readonly memory: SessionMemory;
  readonly moves: RoomMoves;
}

export type Admit = (event: RoomEvent) => Promise<Verdict>;

/**
 * Decides what becomes of an event, the same in both modes. Rejects where the homeserver or Redis could not be
 * asked now; what they refuse for good makes a dead letter.
 */
export function createAdmit(deps: AdmitDeps): Admit {
  const admitInvite = createAdmitInvite(deps);
  return async (event) => {
    // Before the question whether the room may be listened to: an upgrade may have led there.
    if (isOwnInvite(deps, event)) return admitInvite(event);
    const [line, current] = await Promise.all([
      deps.moves.lineOf(event.room),
      deps.moves.currentOf(event.room),
    ]);
    if (!isLineAllowed(line, deps.policy)) return ignore('room_not_allowed');
    if (!roomId.safeParse(event.room).success) return dead('its room has no legal id');
    if (event.kind === 'unreadable') return dead(event.reason);
    try {
      return await admitDecoded(deps, event, { line, current });
    } catch (error) {
      if (error instanceof UnreadableApprovalError) return dead(error.message);
      if (!(error instanceof MatrixRequestError) || error.retryable) throw error;
      // An account that is logged out can ask nothing: that is no fault of the event.
      if (error.status === 401) throw error;
      return dead(error.message);
    }
  };
}

function isOwnInvite(
  { userId }: AdmitDeps,
  event: RoomEvent,
): event is Extract<DecodedEvent, { kind: 'member' }> {
  return event.kind === 'member' && event.user === userId && event.membership === 'invite';
}

const mostInvites = 1_000;

/** An invite counts once for the limit of its sender, however often the transaction comes that it is in. */
function createAdmitInvite(
  deps: AdmitDeps,
): (event: Extract<DecodedEvent, { kind: 'member' }>) => Promise<Verdict> {
  const judged = new Map<string, Verdict>();
  return async (event) => {
    const verdict = judged.get(event.eventId) ?? (await admitMember(deps, event));
    judged.set(event.eventId, verdict);
    const [oldest] = judged.keys();
    if (judged.size > mostInvites && oldest !== undefined) judged.delete(oldest);
    return verdict;
  };
}

interface Whereabouts {
  /** The event's room and those that it continues, of which settings may name any. */
  readonly line: readonly string[];
  /** Where it goes on. */
  readonly current: string | null;
}

async function admitDecoded(
  deps: AdmitDeps,
  event: DecodedEvent,
  { line, current }: Whereabouts,
): Promise<Verdict> {
  // Nothing counts any more in a room that goes on elsewhere: least of all in an admin room.
  // An upgrade that was refused may be made good by another one.
  if (event.kind === 'tombstone' && (current === null || current === event.room))
    return admitTombstone(event);
  if (current !== event.room) return ignore('room_moved');
  if (event.kind === 'member') return admitMember(deps, event);
  if (event.sender === deps.userId || deps.isGhost(event.sender)) return ignore('own');
  const byEncryption = await admitByEncryption(deps, event);
  if (byEncryption !== undefined) return byEncryption;
  const isAdmin = line.includes(deps.policy.adminRoom);
  switch (event.kind) {
    case 'message':
      return isAdmin ? admitAdminMessage(deps, event) : admitMessage(deps, event, line);
    case 'reaction':
      return admitReaction(deps, event);
    case 'edit':
      return isAdmin ? ignore('decision_changed') : admitEdit(deps, event);
    case 'redaction':
      return isAdmin ? ignore('decision_changed') : admitRedaction(deps, event);
    case 'encrypted':
    case 'encryption':
    case 'redacted':
      return ignore('redacted');
    case 'tombstone':
      return ignore('room_moved');
    case 'other':
      return ignore('other_type');
    case 'undecryptable':
      return admitUndecryptable(deps, event, line);
    case 'undecodable':
      return dead(event.reason);
    default:
      return event satisfies never;
  }
}

/** Whether it is true stands in the room's state, and is looked into beside the reading of events. */
function admitTombstone({ replacement }: Extract<DecodedEvent, { kind: 'tombstone' }>): Verdict {
  const room = roomId.safeParse(replacement);
  return room.success ? { act: 'upgrade', replacement: room.data } : ignore('other_type');
}
