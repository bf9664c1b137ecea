import { MatrixRequestError } from '#matrix/errors';
import { ghostLeft } from '#matrix/ghost-left';
import { joinRoom } from '#matrix/join-room';
import type { MatrixClient, MatrixRequest } from '#matrix/matrix-client';
import { roomState } from '#matrix/room-state';
import type { Outcome } from './outcome.ts';
import { refusalIn } from './refusal-in.ts';

const inside: Outcome<undefined> = { ok: true, value: undefined };

/**
 * Brings a ghost into a room that the bot is in: it is there, may join, or is invited by the bot. A ghost that somebody
 * has put out of the room stays out.
 *
 * @throws {MatrixRequestError} where the homeserver gives no usable answer.
 */
export async function comeIn(
  bot: MatrixClient,
  ghost: MatrixClient,
  room: string,
  signal: AbortSignal,
): Promise<Outcome<undefined>> {
  const asBot: MatrixRequest = (method, path, options) => bot.request(method, path, { ...options, signal });
  try {
    const { membership, reason } = (await roomState(asBot, room, 'm.room.member', ghost.userId)) ?? {};
    if (membership === 'join') return inside;
    const isOut = membership === 'ban' || (membership === 'leave' && reason !== ghostLeft);
    if (isOut) return { ok: false, reason: `${ghost.userId} was put out of the room: invite it again` };
    await join(asBot, ghost, room, signal);
    return inside;
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    const remedy = `let the bot invite (its power level), or invite ${ghost.userId}`;
    return { ok: false, reason: `${refusal}: ${remedy}` };
  }
}

async function join(
  asBot: MatrixRequest,
  ghost: MatrixClient,
  room: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await joinRoom(ghost.request, room, signal);
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.status !== 403) throw error;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite`;
    await asBot('POST', path, { body: { user_id: ghost.userId, reason: 'Speaks for an agent of this bot' } });
    await joinRoom(ghost.request, room, signal);
  }
}
