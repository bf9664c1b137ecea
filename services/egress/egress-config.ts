import { hostname } from 'node:os';
import { z } from 'zod';
import { roomId } from '#contract/matrix-ids';
import { cryptoSettings } from '#crypto/crypto-settings';
import { ghostSettings } from '#matrix/ghost-settings';
import { matrixSettings } from '#matrix/matrix-settings';
import { healthSettings } from '#runtime/health-settings';
import { logSettings } from '#runtime/log-settings';
import { payloadSettings } from '#runtime/payload-settings';
import { redisSettings } from '#runtime/redis-settings';
import { setting } from '#runtime/setting';
import { tracingSettings } from '#runtime/tracing-settings';

const isRoom = (text: string): boolean => roomId.safeParse(text).success;

/**
 * The environment of egress. Without `ADMIN_ROOM_ID` nobody could be asked for an approval: it must be
 * set. `DELIVERY_MARKS` shows by a reaction that a message waits for a review, or failed.
 */
export const egressConfig = z.object({
  log: logSettings,
  health: healthSettings(8082),
  redis: redisSettings,
  payload: payloadSettings,
  tracing: tracingSettings,
  matrix: matrixSettings,
  ghosts: ghostSettings,
  crypto: cryptoSettings,
  ADMIN_ROOM_ID: setting.text('the id of the admin room, e.g. !abc:example.org', isRoom),
  DELIVERY_MARKS: setting.boolean().default(true),
  SLOT: setting.text('a stable name of this replica').default(hostname()),
});
export type EgressConfig = z.output<typeof egressConfig>;
