import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { roomId } from '#contract/matrix-ids';
import { MatrixRequestError } from '#matrix/errors';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { CloseSessions } from './close-sessions.ts';
import type { Followed } from './follow-upgrade.ts';

export interface PendingUpgradesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly userId: string;
  readonly follow: (room: string, signal: AbortSignal) => Promise<Followed>;
  readonly closeSessions: CloseSessions;
  /** The sessions of which an approval waits, whose prompts move with the admin room. */
  readonly findWaiting: () => Promise<ReadonlySet<string>>;
  readonly originOf: (room: string) => Promise<string>;
  readonly metrics: Pick<IngressMetrics, 'upgrades'>;
  readonly log: Logger;
  readonly idleMs?: number;
}

export interface PendingUpgrades {
  /** Keeps the upgrade until it is followed or refused; survives this process. */
  add(room: string, replacement: string): Promise<void>;
  /** The rooms that upgrades lead to: an invite into one of them is expected. */
  expected(): Promise<ReadonlySet<string>>;
  /** We were invited into a room that an upgrade leads to: tries at once. */
  invited(replacement: string): Promise<void>;
  /** Tries each upgrade that is due. */
  tick(signal: AbortSignal): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

const pending = z.object({
  to: roomId,
  attempts: z.int(),
  notBefore: z.number(),
  /** Tells what was noted anew from what it replaces; what an earlier release has noted has none. */
  id: z.string().optional(),
});
type Pending = z.infer<typeof pending>;

interface Noted {
  readonly room: string;
  /** As it stands in Redis. */
  readonly text: string;
  readonly upgrade: Pending;
}

const swapScript = loadScript(new URL('swap-upgrade.lua', import.meta.url));

/** With the pauses between them: about a week. */
const maxAttempts = 180;
const longestPauseMs = 60 * 60_000;

/** Follows upgrades beside the reading of events: joining may take minutes, and an invite may come later still. */
export function createPendingUpgrades(deps: PendingUpgradesDeps): PendingUpgrades {
  const { redis, log, idleMs = 2_000 } = deps;
  const key = `${deps.keys.sync(deps.userId)}:upgrades`;
  let wake = Promise.withResolvers<void>();
  const wakeUp = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };

  const read = async (): Promise<Noted[]> =>
    Object.entries(await redis.hgetall(key)).flatMap(([room, text]) => {
      const parsed = pending.safeParse(parseJson(text));
      return parsed.success ? [{ room, text, upgrade: parsed.data }] : [];
    });
  /** False where something newer is noted: an attempt takes its time, and the room may be upgraded again meanwhile. */
  const swap = async ({ room, text }: Noted, next: Pending | undefined): Promise<boolean> =>
    (await runScript(redis, swapScript, [key], [room, text, next ? JSON.stringify(next) : ''])) === 1;

  const upgrades: PendingUpgrades = {
    async add(room, replacement) {
      // Another text each time, though it is the same upgrade: what is under way for the one before does not end it.
      const fresh = { to: replacement, attempts: 0, notBefore: 0, id: randomUUID() };
      await redis.hset(key, room, JSON.stringify(fresh));
      wakeUp();
    },
    expected: async () => new Set((await read()).map(({ upgrade }) => upgrade.to)),
    async invited(replacement) {
      let isNoted = true;
      for (const noted of await read()) {
        if (noted.upgrade.to !== replacement) continue;
        isNoted = (await swap(noted, { ...noted.upgrade, notBefore: 0, id: randomUUID() })) && isNoted;
      }
      if (!isNoted) return upgrades.invited(replacement);
      wakeUp();
    },
    async tick(signal) {
      for (const noted of await read()) {
        const { room, upgrade } = noted;
        if (upgrade.notBefore > Date.now()) continue;
        const end = await attempt(deps, room, upgrade, signal);
        const attempts = upgrade.attempts + 1;
        const pauseMs = Math.min(1_000 * 2 ** Math.min(attempts, 12), longestPauseMs);
        const later = { ...upgrade, attempts, notBefore: Date.now() + pauseMs };
        await swap(noted, end === 'over' ? undefined : later);
      }
    },
    async run(signal) {
      while (!signal.aborted) {
        const woken = wake.promise;
        try {
          await upgrades.tick(signal);
          await Promise.race([sleep(idleMs, undefined, { signal }), woken]);
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ err: error }, 'Following room upgrades failed, tries again');
          await sleep(idleMs, undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
  return upgrades;
}

/** Told to the sessions before it is forgotten here: a crash in between repeats it, and nothing counts twice. */
async function attempt(
  deps: PendingUpgradesDeps,
  room: string,
  { attempts }: Pending,
  signal: AbortSignal,
): Promise<'over' | 'again'> {
  const { metrics, log } = deps;
  const result = await tryToFollow(deps, room, signal);
  if (result.kind === 'later' && attempts < maxAttempts) {
    log.info({ room, reason: result.reason }, 'A room was upgraded, but cannot be followed yet');
    return 'again';
  }
  if (result.kind !== 'followed') {
    metrics.upgrades.inc({ outcome: 'refused' });
    log.error(
      { room, reason: result.reason },
      'A room was upgraded, and is not followed: invite the bot to the new room and name it in the settings',
    );
    return 'over';
  }
  const { to, isAdminRoom } = result;
  const others = isAdminRoom ? await deps.findWaiting() : new Set<string>();
  const origin = await deps.originOf(room);
  await deps.closeSessions({
    room: origin,
    reason: 'room_upgraded',
    movedTo: to,
    cause: `${room} ${to}`,
    others,
  });
  metrics.upgrades.inc({ outcome: 'followed' });
  log.warn({ room, to, isAdminRoom }, 'A room was upgraded: it goes on in its replacement');
  return 'over';
}

async function tryToFollow(
  { follow }: PendingUpgradesDeps,
  room: string,
  signal: AbortSignal,
): Promise<Followed> {
  try {
    return await follow(room, signal);
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.status === 401) throw error;
    return { kind: error.retryable ? 'later' : 'refused', reason: error.message };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
