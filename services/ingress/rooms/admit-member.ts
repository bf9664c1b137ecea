import type { DecodedEvent } from '#matrix/room-event';
import { ignore, type Verdict } from '../admission/verdict.ts';
import type { JudgeInvite } from './judge-invite.ts';
import { isOwnExit } from './own-membership.ts';
import type { RoomViews } from './room-views.ts';

export interface AdmitMemberDeps {
  readonly userId: string;
  readonly views: Pick<RoomViews, 'apply' | 'forget'>;
  readonly openJudgeInvite: () => Promise<JudgeInvite>;
}

type Member = Extract<DecodedEvent, { kind: 'member' }>;

/** A change of membership: others' are noted, an invite of ours is judged, and being put out ends the room's sessions. */
export async function admitMember(deps: AdmitMemberDeps, event: Member): Promise<Verdict> {
  const { userId, views } = deps;
  if (event.user !== userId) {
    views.apply(event);
    return ignore('member');
  }
  // Joined, left, thrown out or renamed: what was known of the room is asked for anew.
  views.forget(event.room);
  if (event.membership === 'invite') return admitInvite(deps, event);
  return isOwnExit(event, userId) ? { act: 'close', reason: reasonOf(event) } : ignore('own');
}

/** An invite of ours, into whatever room. */
export async function admitInvite(
  { openJudgeInvite }: Pick<AdmitMemberDeps, 'openJudgeInvite'>,
  { room, sender }: Member,
): Promise<Verdict> {
  const judge = await openJudgeInvite();
  const verdict = await judge({ room, inviter: sender });
  switch (verdict) {
    case 'join':
      return { act: 'join' };
    case 'upgrade':
      return { act: 'join_upgrade' };
    case 'refused':
    case 'limited':
      return ignore(`invite_${verdict}`);
    default:
      return verdict satisfies never;
  }
}

function reasonOf({ membership, sender, user }: Member): 'banned' | 'kicked' | 'room_gone' {
  if (membership === 'ban') return 'banned';
  return sender === user ? 'room_gone' : 'kicked';
}
