import { expect } from 'vitest';
import type { RecordingAppservice } from '../support/homeserver-appservice.ts';
import type { HomeserverUnderTest } from '../support/homeserver-under-test.ts';
import { type MatrixEvent, MatrixRefusal, type MatrixUser } from '../support/matrix-user.ts';

export const ghostPath = (roomId: string, txnId: string): string =>
  `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${txnId}`;

export async function newRoom(owner: MatrixUser, guest: MatrixUser): Promise<string> {
  const roomId = await owner.createRoom({ preset: 'private_chat', invite: [guest.userId] });
  await guest.join(roomId);
  return roomId;
}

/** A token of this moment: Synapse repeats an initial sync of the same filter from its cache, so each has its own. */
export async function tokenNow(user: MatrixUser): Promise<string> {
  const filter = { room: { timeline: { limit: 1 } }, 'dev.vagent.at': String(performance.now()) };
  return String((await user.sync({ filter }))['next_batch']);
}

export async function refusal(request: Promise<unknown>): Promise<[number, string | undefined]> {
  try {
    await request;
  } catch (error) {
    if (error instanceof MatrixRefusal) return [error.status, error.errcode];
    throw error;
  }
  throw new Error('The homeserver did not refuse');
}

/** What stands at a path of keys, or undefined. */
export function at(value: unknown, ...keys: string[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

export const eventsOf = (synced: unknown, roomId: string): MatrixEvent[] =>
  (at(synced, 'rooms', 'join', roomId, 'timeline', 'events') ?? []) as MatrixEvent[];

export async function registerGhost(
  server: HomeserverUnderTest,
  { registration }: RecordingAppservice,
  localpart: string,
): Promise<string> {
  const response = await fetch(`${server.url}/_matrix/client/v3/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${registration.as_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'm.login.application_service', username: localpart, inhibit_login: true }),
  });
  expect(response.status).toBe(200);
  return `@${localpart}:${server.serverName}`;
}

export function asGhost(
  server: HomeserverUnderTest,
  { registration }: RecordingAppservice,
  method: string,
  path: string,
  ghost: string,
  body: unknown = {},
): Promise<Response> {
  return fetch(`${server.url}${path}?user_id=${encodeURIComponent(ghost)}`, {
    method,
    headers: { authorization: `Bearer ${registration.as_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export async function ghostSays(
  server: HomeserverUnderTest,
  appservice: RecordingAppservice,
  roomId: string,
  ghost: string,
  txnId: string,
): Promise<string> {
  const content = { msgtype: 'm.text', body: `from ${ghost}` };
  const response = await asGhost(server, appservice, 'PUT', ghostPath(roomId, txnId), ghost, content);
  const { event_id } = (await response.json()) as { event_id: string };
  expect(event_id).toMatch(/^\$/);
  return event_id;
}
