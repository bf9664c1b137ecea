import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { recordsSettings } from '#agents/tools/records-settings';
import { roomId, userId } from '#contract/matrix-ids';
import { modelSettings } from '#models/model-settings';
import { healthSettings } from '#runtime/health-settings';
import { logSettings } from '#runtime/log-settings';
import { payloadSettings } from '#runtime/payload-settings';
import { redisSettings } from '#runtime/redis-settings';
import { setting } from '#runtime/setting';
import { tracingSettings } from '#runtime/tracing-settings';

const examplePlaybook = fileURLToPath(new URL('playbook', import.meta.url));

const approvalSettings = z
  .object({
    ADMIN_ROOM_ID: setting.text('the id of the admin room, e.g. !abc:example.org', matches(roomId)),
    REVIEWERS: setting.list('whole Matrix user ids, e.g. @ana:example.org', isReviewer),
  })
  .transform(({ ADMIN_ROOM_ID, REVIEWERS }) => ({ adminRoom: ADMIN_ROOM_ID, reviewers: REVIEWERS }));

const turnSettings = z
  .object({
    PLAYBOOK_DIR: setting.text('the folder of a playbook').default(examplePlaybook),
    SESSION_TTL_HOURS: setting.hours({ min: 0.01 }).default(24),
    WORKER_CONCURRENCY: setting.integer({ min: 1, max: 10_000 }).default(64),
    ROOM_CONCURRENCY: setting.integer({ min: 1, max: 10_000 }).default(16),
    CHECKPOINTER: setting.oneOf(['redis', 'redis-stack']).default('redis'),
    SMALL_RECORDS: setting.oneOf(['auto', 'on', 'off']).default('auto'),
    LEASE_MS: setting.milliseconds({ min: 500 }).default(5_000),
    MAX_ATTEMPTS: setting.integer({ min: 1, max: 100 }).default(5),
  })
  .transform((values) => ({
    playbookDir: values.PLAYBOOK_DIR,
    sessionTtlMs: Math.round(values.SESSION_TTL_HOURS * 60 * 60 * 1000),
    concurrency: values.WORKER_CONCURRENCY,
    roomConcurrency: values.ROOM_CONCURRENCY,
    checkpointer: values.CHECKPOINTER,
    smallRecords: values.SMALL_RECORDS,
    leaseMs: values.LEASE_MS,
    maxAttempts: values.MAX_ATTEMPTS,
  }));

/** The environment of the worker. Without reviewers nothing could ever be approved: it refuses to start. */
export const workerConfig = z.object({
  log: logSettings,
  health: healthSettings(8081),
  redis: redisSettings,
  payload: payloadSettings,
  model: modelSettings,
  approvals: approvalSettings,
  records: recordsSettings,
  turns: turnSettings,
  tracing: tracingSettings,
  SLOT: setting.text('a stable name of this replica').default(hostname()),
});
export type WorkerConfig = z.output<typeof workerConfig>;

/** A star is legal in a user id, and would let nobody decide where somebody meant everybody of a server. */
function isReviewer(id: string): boolean {
  return !id.includes('*') && userId.safeParse(id).success;
}

function matches(schema: z.ZodType): (text: string) => boolean {
  return (text) => schema.safeParse(text).success;
}
