import { z } from 'zod';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

export interface Member {
  readonly membership: string;
  readonly displayName: string | null;
}

const answer = z.object({ chunk: z.array(z.unknown()) });
const memberEvent = z.object({
  state_key: z.string(),
  content: z.object({ membership: z.string(), displayname: z.string().nullish().catch(null) }),
});

/** Everyone who is or was invited, by user id, without those who left. */
export async function roomMembers(request: MatrixRequest, room: string): Promise<Map<string, Member>> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/members`;
  const { chunk } = parseAnswer(
    answer,
    path,
    await request('GET', path, { query: { not_membership: 'leave' } }),
  );
  const members = new Map<string, Member>();
  for (const event of chunk) {
    const parsed = memberEvent.safeParse(event);
    if (!parsed.success) continue;
    const { membership, displayname } = parsed.data.content;
    members.set(parsed.data.state_key, { membership, displayName: displayname ?? null });
  }
  return members;
}
