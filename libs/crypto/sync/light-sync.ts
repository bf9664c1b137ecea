import { z } from 'zod';
import type { MatrixRequest } from '#matrix/matrix-client';
import { parseAnswer } from '#matrix/parse-answer';

/** Of rooms others take care; presence and settings are nobody's business here. */
const filter = JSON.stringify({
  room: { rooms: [] },
  presence: { types: [] },
  account_data: { types: [] },
});

const answer = z.object({
  next_batch: z.string().min(1),
  to_device: z.object({ events: z.array(z.unknown()).default([]) }).prefault({}),
  device_lists: z
    .object({ changed: z.array(z.string()).default([]), left: z.array(z.string()).default([]) })
    .prefault({}),
  device_one_time_keys_count: z.record(z.string(), z.number()).default({}),
  device_unused_fallback_key_types: z.array(z.string()).optional(),
});

/** What a device has to know of one round of `GET /sync`. */
export type DeviceNews = z.infer<typeof answer>;

/**
 * One round of /sync for what concerns a device: messages to it, whose devices have changed, how many of its one-time
 * keys are left (client-server API, "End-to-end encryption").
 */
export async function lightSync(
  request: MatrixRequest,
  query: { readonly since: string | undefined; readonly waitMs: number; readonly signal: AbortSignal },
): Promise<DeviceNews> {
  const path = '/_matrix/client/v3/sync';
  const { since, waitMs, signal } = query;
  const raw = await request('GET', path, {
    query: { since, filter, timeout: waitMs, set_presence: 'offline' },
    timeoutMs: since === undefined ? 300_000 : waitMs + 60_000,
    signal,
  });
  return parseAnswer(answer, path, raw);
}
