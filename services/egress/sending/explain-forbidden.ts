import type { Logger } from 'pino';
import type { Entry } from '#contract/entry';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { powerLevelOf } from '#matrix/power-level-of';
import { powerToSend } from '#matrix/power-to-send';
import { roomState } from '#matrix/room-state';
import { newTrace } from '#runtime/trace';
import type { Publisher } from '#streams/publish';

export interface ExplainForbiddenDeps {
  readonly client: MatrixClient;
  readonly publisher: Publisher;
  readonly adminRoom: string;
  readonly log: Logger;
}

/** Why the bot may not send into a room, for the dead letter; undefined where nobody can say. */
export type ExplainForbidden = (
  about: { readonly room: string; readonly entry: Pick<Entry, 'session'> },
  error: MatrixRequestError,
) => Promise<string | undefined>;

const dayMs = 24 * 60 * 60_000;

/**
 * Looks up whether the bot was put out of the room or lacks the power to send, and which level it needs. Power levels
 * that forbid sending are told in the admin room, once a day for each room: people there can change them.
 */
export function createExplainForbidden(deps: ExplainForbiddenDeps): ExplainForbidden {
  return async ({ room, entry: { session } }, error) => {
    try {
      const found = await look(deps.client, room, typeIn(error.path));
      if (found === undefined) return undefined;
      if (found.isLackOfPower && room !== deps.adminRoom)
        await tellOperators(deps, { room, session }, found.text);
      return found.text;
    } catch (failure) {
      deps.log.debug({ err: failure, room }, 'Why the bot may not send is not known');
      return undefined;
    }
  };
}

async function look(
  { request, userId }: MatrixClient,
  room: string,
  type: string,
): Promise<{ readonly text: string; readonly isLackOfPower: boolean } | undefined> {
  const membership = await membershipIn(request, room, userId);
  if (membership === undefined) return undefined;
  if (membership !== 'join') {
    const why = membership === 'ban' ? 'it was banned.' : 'it is not in it, was it kicked or banned?';
    const text = `The bot may not send into room ${room}: ${why} Invite it again, then replay the dead letter`;
    return { text, isLackOfPower: false };
  }
  const needs = await powerToSend(request, room, type, 'message');
  const has = await powerLevelOf(request, room, userId);
  if (has >= needs) return undefined;
  const text = `The bot may not send ${type} in room ${room}: that needs power level ${needs}, and it has ${has}. Raise its level or lower what is needed, then replay the dead letter`;
  return { text, isLackOfPower: true };
}

async function membershipIn(
  request: MatrixClient['request'],
  room: string,
  user: string,
): Promise<string | undefined> {
  try {
    const membership = (await roomState(request, room, 'm.room.member', user))?.['membership'];
    return typeof membership === 'string' ? membership : 'leave';
  } catch (error) {
    if (error instanceof MatrixRequestError && error.status === 403) return 'leave';
    throw error;
  }
}

async function tellOperators(
  { publisher, log }: ExplainForbiddenDeps,
  { room, session }: { readonly room: string; readonly session: string },
  text: string,
): Promise<void> {
  log.error({ room }, text);
  await publisher.publish('approvals', {
    type: 'notice.raised',
    id: `forbidden:${room}:${Math.floor(Date.now() / dayMs)}`,
    session,
    at: new Date().toISOString(),
    trace: newTrace(),
    body: { text, approval: null },
  });
}

/** What was to be sent: a path of ours ends in `/send/{type}/{transaction}`. */
function typeIn(path: string): string {
  return /\/send\/([^/]+)\//.exec(path)?.[1] ?? 'm.room.message';
}
