import { hostname } from 'node:os';
import { z } from 'zod';
import { roomId, userId } from '#contract/matrix-ids';
import { cryptoSettings } from '#crypto/crypto-settings';
import { ghostSettings } from '#matrix/ghost-settings';
import { matrixSettings } from '#matrix/matrix-settings';
import { limitSettings } from '#operations/limits/limit-settings';
import { privacySettings } from '#privacy/privacy-settings';
import { healthSettings } from '#runtime/health-settings';
import { logSettings } from '#runtime/log-settings';
import { payloadSettings } from '#runtime/payload-settings';
import { redisSettings } from '#runtime/redis-settings';
import { setting } from '#runtime/setting';
import { tracingSettings } from '#runtime/tracing-settings';
import { isInviterPattern } from './admission/inviter-pattern.ts';
import type { RoomPolicy } from './admission/room-policy.ts';
import { roomSettings } from './rooms/room-settings.ts';

const isRoom = (text: string): boolean => roomId.safeParse(text).success;

const isUser = (text: string): boolean => userId.safeParse(text).success;

const isPrefix = (text: string): boolean => /^\S{1,32}$/.test(text) && !text.startsWith('!vagent');

const policySettings = z
  .object({
    ADMIN_ROOM_ID: setting.text('the id of the admin room, e.g. !abc:example.org', isRoom),
    ALLOWED_ROOMS: setting.list('room ids, or *', (item) => item === '*' || isRoom(item)).default([]),
    REVIEWERS: setting.list('whole Matrix user ids, e.g. @ana:example.org', isUser).default([]),
    ADMIN_DECISIONS: setting.oneOf(['any', 'signed']).default('any'),
    OPEN_ROOMS: setting.list('room ids', isRoom).default([]),
    ALLOWED_INVITERS: setting.list('user ids, @*:domain, or *', isInviterPattern).default([]),
    COMMAND_PREFIX: setting
      .text('what begins a message for the bot, without blanks, e.g. !ask', isPrefix)
      .optional(),
  })
  .transform(
    (values): RoomPolicy => ({
      adminRoom: values.ADMIN_ROOM_ID,
      allowedRooms: values.ALLOWED_ROOMS,
      openRooms: values.OPEN_ROOMS,
      reviewers: values.REVIEWERS,
      decisions: values.ADMIN_DECISIONS,
      allowedInviters: values.ALLOWED_INVITERS,
      commandPrefix: values.COMMAND_PREFIX,
    }),
  );

const appserviceSettings = z
  .object({
    APPSERVICE_PORT: setting.port().default(9000),
    APPSERVICE_HOST: setting.text('the address to listen on, e.g. 127.0.0.1 or 0.0.0.0').default('127.0.0.1'),
  })
  .transform(({ APPSERVICE_PORT, APPSERVICE_HOST }) => ({ port: APPSERVICE_PORT, host: APPSERVICE_HOST }));

const mediaSettings = z
  .object({ MEDIA_MAX_BYTES: setting.integer({ min: 1_024, max: 52_428_800 }).default(5 * 1024 * 1024) })
  .transform((values) => ({ maxMediaBytes: values.MEDIA_MAX_BYTES }));

const encryptedSettings = z
  .object({ KEY_WAIT_SECONDS: setting.integer({ min: 1, max: 3_600 }).default(30) })
  .transform(({ KEY_WAIT_SECONDS }) => ({ keyWaitMs: KEY_WAIT_SECONDS * 1_000 }));

/**
 * The environment of ingress. `ALLOWED_ROOMS` and `ALLOWED_INVITERS` let nobody in unless they say so; in
 * `OPEN_ROOMS` the bot answers without being mentioned; `REVIEWERS` may ask why. With
 * `ADMIN_DECISIONS=signed` whoever runs the homeserver can make no decision of a reviewer's. A message of an encrypted
 * room waits for its key for `KEY_WAIT_SECONDS`.
 */
export const ingressConfig = z.object({
  log: logSettings,
  health: healthSettings(8080),
  redis: redisSettings,
  payload: payloadSettings,
  matrix: matrixSettings,
  ghosts: ghostSettings,
  policy: policySettings,
  rooms: roomSettings,
  privacy: privacySettings,
  limits: limitSettings,
  media: mediaSettings,
  crypto: cryptoSettings,
  encrypted: encryptedSettings,
  appservice: appserviceSettings,
  tracing: tracingSettings,
  SLOT: setting.text('a stable name of this replica').default(hostname()),
});
export type IngressConfig = z.output<typeof ingressConfig>;
