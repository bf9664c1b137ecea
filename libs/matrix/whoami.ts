import { z } from 'zod';
import { userId } from '#contract/matrix-ids';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

const answer = z.object({ user_id: userId, device_id: z.string().optional() });

/** Whose token the request carries. */
export async function whoami(
  request: MatrixRequest,
): Promise<{ readonly userId: string; readonly deviceId: string | null }> {
  const path = '/_matrix/client/v3/account/whoami';
  const { user_id, device_id } = parseAnswer(answer, path, await request('GET', path));
  return { userId: user_id, deviceId: device_id ?? null };
}
