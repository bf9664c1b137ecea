import type { RoomView } from '../rooms/room-views.ts';
import type { FetchEvent } from './event-memory.ts';
import type { RoomPolicy } from './room-policy.ts';

export interface IsMeantDeps {
  readonly userId: string;
  /** Whether the user speaks for one of the bot's agents. */
  readonly isGhost: (userId: string) => boolean;
  readonly policy: Pick<RoomPolicy, 'openRooms'>;
  readonly fetchEvent: FetchEvent;
}

/** One person and the bot; those who speak for its agents are the bot too. */
export function isDirect({ isGhost }: Pick<IsMeantDeps, 'isGhost'>, { members }: RoomView): boolean {
  return members.size <= 2 || [...members.keys()].filter((user) => !isGhost(user)).length <= 2;
}

/** Whether a message is for the bot though it does not address it: by where it is written, or by what it answers. */
export async function isMeant(
  deps: IsMeantDeps,
  { room, replyTo }: { readonly room: string; readonly replyTo: string | null },
  /** `line`: the room and those that it continues. */
  { view, line }: { readonly view: RoomView; readonly line: readonly string[] },
): Promise<boolean> {
  if (isDirect(deps, view)) return true;
  if (deps.policy.openRooms.some((open) => line.includes(open))) return true;
  if (replyTo === null) return false;
  const answered = await deps.fetchEvent(room, replyTo);
  if (answered === undefined || answered.kind === 'unreadable') return false;
  return answered.sender === deps.userId || deps.isGhost(answered.sender);
}
