import { z } from 'zod';
import { MatrixAnswerError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

const stateEvents = z.array(z.unknown());
const createEvent = z.object({
  type: z.literal('m.room.create'),
  state_key: z.literal(''),
  sender: z.string(),
  content: z.object({
    room_version: z.string().catch('1'),
    additional_creators: z.array(z.string()).catch([]),
  }),
});

export interface RoomCreators {
  readonly users: readonly string[];
  /** From room version 12 on, creators stand above every power level and cannot be listed among them. */
  readonly areAboveAll: boolean;
}

/** Versions in which a creator is an ordinary user with a level. */
const oldVersions = new Set(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);

/** Who created the room. Reads the whole state: only there does `m.room.create` come with its sender. */
export async function roomCreators(request: MatrixRequest, room: string): Promise<RoomCreators> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`;
  for (const event of parseAnswer(stateEvents, path, await request('GET', path))) {
    const parsed = createEvent.safeParse(event);
    if (!parsed.success) continue;
    const { sender, content } = parsed.data;
    const areAboveAll = !oldVersions.has(content.room_version);
    return { users: areAboveAll ? [sender, ...content.additional_creators] : [sender], areAboveAll };
  }
  throw new MatrixAnswerError(path, 'the room has no m.room.create');
}
