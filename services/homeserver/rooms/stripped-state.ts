import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { stateAt, stateEvent } from './room-state.ts';

const types = new Set([
  'm.room.create',
  'm.room.join_rules',
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.encryption',
]);

/** What somebody invited is told of the room: its outline, who invites, and last the invite itself. */
export function strippedState(context: Context, roomId: string, invitee: string): Content[] {
  const invite = stateEvent(context, roomId, 'm.room.member', invitee);
  const outline = stateAt(context, roomId).filter(
    ({ type, stateKey }) =>
      types.has(type) || (type === 'm.room.member' && stateKey === invite?.sender && stateKey !== invitee),
  );
  const stripped = outline.map(({ type, stateKey, sender, content }) => ({
    type,
    state_key: stateKey,
    sender,
    content,
  }));
  if (invite === undefined) return stripped;
  return [
    ...stripped,
    {
      type: invite.type,
      state_key: invitee,
      sender: invite.sender,
      content: invite.content,
      origin_server_ts: invite.at,
      event_id: invite.eventId,
      unsigned: { age: context.now() - invite.at },
    },
  ];
}
