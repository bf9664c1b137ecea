import { roomId } from '#contract/matrix-ids';
import { MatrixRequestError } from '#matrix/errors';
import type { DecodedEvent, RoomEvent } from '#matrix/room-event';
import { admitEdit, admitRedaction } from './admit-change.ts';
import { admitAdminMessage, admitReaction } from './admit-decision.ts';
import { type AdmitMessageDeps, admitMessage } from './admit-message.ts';
import { UnreadableApprovalError } from './errors.ts';
import { isInviterAllowed } from './inviter-pattern.ts';
import { isRoomAllowed } from './room-policy.ts';
import type { SessionMemory } from './session-memory.ts';
import { dead, ignore, type Verdict } from './verdict.ts';

export interface AdmitDeps extends AdmitMessageDeps {
  readonly memory: SessionMemory;
}

export type Admit = (event: RoomEvent) => Promise<Verdict>;

/**
 * Decides what becomes of an event, the same in both modes. Rejects where the homeserver or Redis could not be
 * asked now; what they refuse for good makes a dead letter.
 */
export function createAdmit(deps: AdmitDeps): Admit {
  return async (event) => {
    if (!isRoomAllowed(event.room, deps.policy)) return outsideRooms(deps, event);
    if (!roomId.safeParse(event.room).success) return dead('its room has no legal id');
    if (event.kind === 'unreadable') return dead(event.reason);
    try {
      return await admitDecoded(deps, event);
    } catch (error) {
      if (error instanceof UnreadableApprovalError) return dead(error.message);
      if (!(error instanceof MatrixRequestError) || error.retryable) throw error;
      // An account that is logged out can ask nothing: that is no fault of the event.
      if (error.status === 401) throw error;
      return dead(error.message);
    }
  };
}

/** Of rooms that are not allowed only invites are looked at, to refuse them. */
function outsideRooms({ userId }: AdmitDeps, event: RoomEvent): Verdict {
  const isInvite = event.kind === 'member' && event.user === userId && event.membership === 'invite';
  return ignore(isInvite ? 'invite_refused' : 'room_not_allowed');
}

async function admitDecoded(deps: AdmitDeps, event: DecodedEvent): Promise<Verdict> {
  if (event.kind === 'member') return admitMember(deps, event);
  if (event.sender === deps.userId) return ignore('own');
  const isAdmin = event.room === deps.policy.adminRoom;
  switch (event.kind) {
    case 'message':
      return isAdmin ? admitAdminMessage(deps, event) : admitMessage(deps, event);
    case 'reaction':
      return admitReaction(deps, event);
    case 'edit':
      return isAdmin ? ignore('decision_changed') : admitEdit(deps, event);
    case 'redaction':
      return isAdmin ? ignore('decision_changed') : admitRedaction(deps, event);
    case 'encrypted':
    case 'encryption':
      return { act: 'decline' };
    case 'tombstone':
    case 'redacted':
      return ignore(event.kind);
    case 'other':
    case 'undecryptable':
      return ignore('other_type');
    case 'undecodable':
      return dead(event.reason);
    default:
      return event satisfies never;
  }
}

function admitMember(deps: AdmitDeps, event: Extract<DecodedEvent, { kind: 'member' }>): Verdict {
  if (event.user !== deps.userId) {
    deps.views.apply(event);
    return ignore('member');
  }
  // Joined, left, thrown out or renamed: what was known of the room is asked for anew.
  deps.views.forget(event.room);
  if (event.membership !== 'invite') return ignore('own');
  return isInviterAllowed(event.sender, deps.policy.allowedInviters)
    ? { act: 'join' }
    : ignore('invite_refused');
}
