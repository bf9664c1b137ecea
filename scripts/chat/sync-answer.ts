import { z } from 'zod';

const content = z.record(z.string(), z.unknown());

const roomEvent = z.object({
  type: z.string(),
  event_id: z.string(),
  sender: z.string(),
  origin_server_ts: z.number(),
  state_key: z.string().optional(),
  content,
});
export type RoomEvent = z.infer<typeof roomEvent>;

/** An event that breaks the specification is left out: it is not ours to judge, and must not end the sync. */
const events = z
  .object({ events: z.array(z.unknown()).default([]) })
  .default({ events: [] })
  .transform(({ events: raw }) =>
    raw.flatMap((one) => {
      const parsed = roomEvent.safeParse(one);
      return parsed.success ? [parsed.data] : [];
    }),
  );

const ephemeral = z
  .object({ events: z.array(z.object({ type: z.string(), content })).default([]) })
  .default({ events: [] });

export const syncAnswer = z.object({
  next_batch: z.string(),
  rooms: z
    .object({
      join: z.record(z.string(), z.object({ timeline: events, state: events, ephemeral })).default({}),
    })
    .default({ join: {} }),
});
export type SyncAnswer = z.output<typeof syncAnswer>;
