import { z } from 'zod';
import { setting } from '#runtime/setting';

/** How much of the process those who follow live may use. */
export interface LiveLimits {
  /** Sockets and event streams, in all and of one caller. */
  readonly most: number;
  readonly mostOfCaller: number;
  /** Sockets that have not said yet who they are. */
  readonly mostUnknown: number;
  /** How long those may take. */
  readonly authoriseMs: number;
  readonly heartbeatMs: number;
  /** Without a sign of life. */
  readonly idleMs: number;
  /** What one reader may leave untaken before it is given nothing more, and for how long. */
  readonly slowBytes: number;
  readonly slowMs: number;
}

export const defaultLiveLimits: LiveLimits = {
  most: 20_000,
  mostOfCaller: 50,
  mostUnknown: 2_000,
  authoriseMs: 5_000,
  heartbeatMs: 25_000,
  idleMs: 65_000,
  slowBytes: 1_048_576,
  slowMs: 30_000,
};

/** `LIVE_SOCKETS`, `LIVE_SOCKETS_PER_CALLER` and `LIVE_SLOW_SECONDS`; the rest is as it is. */
export const liveSettings = z
  .object({
    LIVE_SOCKETS: setting.integer({ min: 1 }).default(defaultLiveLimits.most),
    LIVE_SOCKETS_PER_CALLER: setting.integer({ min: 1 }).default(defaultLiveLimits.mostOfCaller),
    LIVE_SLOW_SECONDS: setting.integer({ min: 1, max: 600 }).default(defaultLiveLimits.slowMs / 1_000),
  })
  .transform(
    (values): LiveLimits => ({
      ...defaultLiveLimits,
      most: values.LIVE_SOCKETS,
      mostOfCaller: values.LIVE_SOCKETS_PER_CALLER,
      slowMs: values.LIVE_SLOW_SECONDS * 1_000,
    }),
  );
