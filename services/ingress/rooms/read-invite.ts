import { z } from 'zod';
import { userId } from '#contract/matrix-ids';

const stateEvent = z.object({
  type: z.string(),
  state_key: z.string(),
  sender: userId,
  content: z.looseObject({ membership: z.string().optional() }),
});

export interface Invite {
  readonly inviter: string;
  readonly isEncrypted: boolean;
}

/** Who invites us, from the stripped state of a room; undefined where it does not say. */
export function readInvite(state: readonly unknown[], invited: string): Invite | undefined {
  const events = state.flatMap((event) => stateEvent.safeParse(event).data ?? []);
  const own = events.find(
    ({ type, state_key, content }) =>
      type === 'm.room.member' && state_key === invited && content.membership === 'invite',
  );
  if (own === undefined) return undefined;
  return { inviter: own.sender, isEncrypted: events.some(({ type }) => type === 'm.room.encryption') };
}
