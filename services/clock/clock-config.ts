import { hostname } from 'node:os';
import { z } from 'zod';
import { healthSettings } from '#runtime/health-settings';
import { logSettings } from '#runtime/log-settings';
import { payloadSettings } from '#runtime/payload-settings';
import { redisSettings } from '#runtime/redis-settings';
import { setting } from '#runtime/setting';
import { tracingSettings } from '#runtime/tracing-settings';

/** The environment of clock. */
export const clockConfig = z.object({
  log: logSettings,
  health: healthSettings(8083),
  redis: redisSettings,
  payload: payloadSettings,
  tracing: tracingSettings,
  SLOT: setting.text('a stable name of this replica').default(hostname()),
});
export type ClockConfig = z.output<typeof clockConfig>;
