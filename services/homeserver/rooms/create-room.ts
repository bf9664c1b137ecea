import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Requester } from '../accounts/requester.ts';
import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import { clientPaths, type MatrixRequest, parseBody, type Reply, type Route } from '../http/route.ts';
import { appendEvent } from './append-event.ts';
import { memberContent } from './member-content.ts';
import { initialPowerLevels, type Preset, presets } from './presets.ts';

/** Room versions whose redaction and power rules this homeserver follows. */
export const roomVersions = ['6', '7', '8', '9', '10', '11', '12'];

const createRoomBody = z.object({
  preset: z.enum(['private_chat', 'trusted_private_chat', 'public_chat']).optional(),
  visibility: z.enum(['public', 'private']).default('private'),
  name: z.string().optional(),
  topic: z.string().optional(),
  room_alias_name: z.string().optional(),
  room_version: z.string().optional(),
  invite: z.array(z.string()).default([]),
  is_direct: z.boolean().default(false),
  creation_content: z.record(z.string(), z.unknown()).default({}),
  initial_state: z
    .array(
      z.object({
        type: z.string(),
        state_key: z.string().default(''),
        content: z.record(z.string(), z.unknown()),
      }),
    )
    .default([]),
  power_level_content_override: z.record(z.string(), z.unknown()).default({}),
});
type CreateRoomBody = z.infer<typeof createRoomBody>;

export const createRoomRoute: Route = {
  method: 'POST',
  paths: clientPaths('/createRoom'),
  auth: 'required',
  handle: createRoom,
};

function createRoom(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const body = parseBody(request, createRoomBody);
  const version = body.room_version ?? context.config.defaultRoomVersion;
  if (!roomVersions.includes(version)) {
    throw new MatrixError(
      400,
      'M_UNSUPPORTED_ROOM_VERSION',
      'Your homeserver does not support this room version',
    );
  }
  const stranger = body.invite.find((userId) => !/^@[^:]*:.+/.test(userId));
  if (stranger !== undefined) throw new MatrixError(400, 'M_UNKNOWN', `Invalid user_id: ${stranger}`);
  const preset = presets[body.preset ?? (body.visibility === 'public' ? 'public_chat' : 'private_chat')];
  return context.database.transaction(() => {
    const roomId = insertRoom(context, requester.userId, version);
    const alias = reserveAlias(context, roomId, body.room_alias_name);
    for (const state of initialState(requester.userId, version, body, preset, alias)) {
      const { type, stateKey, content } = state;
      const isOwnMembership = type === 'm.room.member';
      appendEvent(context, roomId, {
        type,
        stateKey,
        content: isOwnMembership ? memberContent(context, requester.userId, 'join') : content,
        sender: requester.userId,
      });
    }
    for (const invitee of new Set(body.invite)) {
      const extra = body.is_direct ? { is_direct: true } : {};
      const content = memberContent(context, invitee, 'invite', extra);
      appendEvent(context, roomId, {
        type: 'm.room.member',
        stateKey: invitee,
        content,
        sender: requester.userId,
      });
    }
    return { room_id: roomId, ...(alias === undefined ? {} : { room_alias: alias }) };
  });
}

function insertRoom(context: Context, creator: string, version: string): string {
  // Since version 12 a room id is the hash of the create event and names no server.
  const roomId =
    Number(version) >= 12
      ? `!${randomBytes(32).toString('base64url')}`
      : `!${randomLetters(18)}:${context.config.serverName}`;
  context.database.run(
    'INSERT INTO rooms (room_id, version, creator, last_pos) VALUES (?, ?, ?, 0)',
    roomId,
    version,
    creator,
  );
  return roomId;
}

function randomLetters(count: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return [...randomBytes(count)].map((byte) => letters[byte % letters.length]).join('');
}

function reserveAlias(context: Context, roomId: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const alias = `#${name}:${context.config.serverName}`;
  if (context.database.get('SELECT 1 FROM aliases WHERE alias = ?', alias) !== undefined) {
    throw new MatrixError(400, 'M_ROOM_IN_USE', 'Room alias already taken');
  }
  context.database.run('INSERT INTO aliases (alias, room_id) VALUES (?, ?)', alias, roomId);
  return alias;
}

interface StateDraft {
  type: string;
  stateKey: string;
  content: Content;
}

/** The first events in the order that Synapse sends them; `initial_state` may replace what a preset would set. */
function initialState(
  creator: string,
  version: string,
  body: CreateRoomBody,
  preset: Preset,
  alias: string | undefined,
): StateDraft[] {
  const own: StateDraft[] = [
    { type: 'm.room.create', stateKey: '', content: createContent(creator, version, body, preset) },
    { type: 'm.room.member', stateKey: creator, content: {} },
    {
      type: 'm.room.power_levels',
      stateKey: '',
      content: {
        ...initialPowerLevels(creator, version, preset, body.invite),
        ...body.power_level_content_override,
      },
    },
  ];
  if (alias !== undefined) {
    own.push({ type: 'm.room.canonical_alias', stateKey: '', content: { alias } });
  }
  const fromBody = body.initial_state.map(({ type, state_key, content }) => ({
    type,
    stateKey: state_key,
    content,
  }));
  const isReplaced = ({ type }: StateDraft): boolean => fromBody.some((state) => state.type === type);
  const fromPreset = preset.state.map(([type, content]) => ({ type, stateKey: '', content }));
  const named: StateDraft[] = [];
  if (body.name !== undefined)
    named.push({ type: 'm.room.name', stateKey: '', content: { name: body.name } });
  if (body.topic !== undefined) {
    named.push({ type: 'm.room.topic', stateKey: '', content: topicContent(body.topic) });
  }
  return [...own, ...fromPreset.filter((state) => !isReplaced(state)), ...fromBody, ...named];
}

/** Since specification 1.15 a topic is also given as text that may have other forms. */
const topicContent = (topic: string): Content => ({ topic, 'm.topic': { 'm.text': [{ body: topic }] } });

function createContent(creator: string, version: string, body: CreateRoomBody, preset: Preset): Content {
  const content: Content = { ...body.creation_content, room_version: version };
  if (Number(version) < 11) content['creator'] = creator;
  if (Number(version) >= 12 && preset.inviteesAreEqual && body.invite.length > 0) {
    const given = Array.isArray(content['additional_creators']) ? content['additional_creators'] : [];
    content['additional_creators'] = [...new Set([...given, ...body.invite])];
  }
  return content;
}
