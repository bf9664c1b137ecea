import type { Keys } from '#contract/keys';
import { takeToken } from '#operations/limits/take-token';
import type { RoomMoves } from '#operations/rooms/room-moves';
import type { RedisClient } from '#streams/redis-client';
import { isInviterAllowed } from '../admission/inviter-pattern.ts';
import { isLineAllowed, type RoomPolicy } from '../admission/room-policy.ts';
import type { PendingUpgrades } from './pending-upgrades.ts';

/** `upgrade`: the room is one that a room of ours was upgraded to. `refused` and `limited` are not answered at all. */
export type InviteVerdict = 'join' | 'upgrade' | 'refused' | 'limited';

export interface JudgeInviteDeps {
  readonly redis: RedisClient;
  readonly keys: Pick<Keys, 'rate'>;
  readonly policy: RoomPolicy;
  readonly moves: Pick<RoomMoves, 'lineOf'>;
  readonly upgrades: Pick<PendingUpgrades, 'expected'>;
  /** Of one person; 0 is no limit. */
  readonly perHour: number;
}

export interface Invitation {
  readonly room: string;
  readonly inviter: string;
}

export type JudgeInvite = (invitation: Invitation) => Promise<InviteVerdict>;

const hourMs = 60 * 60_000;

/**
 * Whether an invite is taken. What is not costs next to nothing and leaves no trace: no answer to the homeserver, since
 * ten thousand refusals would be ten thousand requests, and a line in ten thousand rooms.
 */
export async function openJudgeInvite(deps: JudgeInviteDeps): Promise<JudgeInvite> {
  const { redis, keys, policy, moves, perHour } = deps;
  // Asked once for all invites of a batch.
  const expected = await deps.upgrades.expected();
  return async ({ room, inviter }) => {
    if (expected.has(room)) return 'upgrade';
    if (!isInviterAllowed(inviter, policy.allowedInviters)) return 'refused';
    if (!isLineAllowed(await moves.lineOf(room), policy)) return 'refused';
    if (perHour === 0) return 'join';
    const token = await takeToken(redis, keys.rate('inviter', inviter), { most: perHour, windowMs: hourMs });
    return token.ok ? 'join' : 'limited';
  };
}
