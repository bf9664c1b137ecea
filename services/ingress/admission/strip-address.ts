import { stripMention } from '#matrix/strip-mention';
import type { RoomView } from '../rooms/room-views.ts';

export interface StripAddressDeps {
  readonly userId: string;
  /** Whether the user speaks for one of the bot's agents. */
  readonly isGhost: (userId: string) => boolean;
}

/** Whether a text addresses the bot, or one of its agents by the ghost that speaks for it, and the text without that address; `named` is the user. */
export function stripAddress(
  { text, mentions }: { readonly text: string; readonly mentions: readonly string[] },
  { members }: Pick<RoomView, 'members'>,
  { userId, isGhost }: StripAddressDeps,
): ReturnType<typeof stripMention> & { readonly named?: string | undefined } {
  const own = [userId, ...[...members.keys()].filter(isGhost)];
  for (const user of own) {
    const names = { userId: user, displayName: members.get(user)?.displayName ?? null };
    const stripped = stripMention(text, names, mentions.includes(user));
    if (stripped.isAddressed) return { ...stripped, named: user };
  }
  const named = mentions.find(isGhost);
  return { isAddressed: named !== undefined, text: text.trim(), named };
}
