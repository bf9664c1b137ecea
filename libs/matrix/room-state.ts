import { z } from 'zod';
import { MatrixRequestError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

const content = z.record(z.string(), z.unknown());
export type StateContent = z.infer<typeof content>;

/**
 * The content of the room's current state event of this type, with the given state key (default empty);
 * undefined where there is none.
 *
 * @throws {MatrixRequestError} also where we may not see the room (403).
 */
export async function roomState(
  request: MatrixRequest,
  room: string,
  type: string,
  stateKey = '',
): Promise<StateContent | undefined> {
  const place = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`;
  const path = `${place}/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
  try {
    return parseAnswer(content, path, await request('GET', path));
  } catch (error) {
    if (error instanceof MatrixRequestError && error.status === 404) return undefined;
    throw error;
  }
}
