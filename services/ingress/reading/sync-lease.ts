import { z } from 'zod';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';

/** The sole right to read /sync for one user, held for a while. */
export interface SyncLease {
  readonly epoch: number;
  /** Up to where everything has been published; undefined at the very start. */
  readonly token: string | undefined;
  /** False when another process has the right now. */
  renew(): Promise<boolean>;
  /** False when another process has the right now: nothing was stored. */
  saveToken(token: string): Promise<boolean>;
  release(): Promise<void>;
}

export type Acquired =
  | { readonly ok: true; readonly lease: SyncLease }
  | { readonly ok: false; readonly freeInMs: number };

const scripts = {
  acquire: loadScript(new URL('acquire.lua', import.meta.url)),
  renew: loadScript(new URL('renew.lua', import.meta.url)),
  saveToken: loadScript(new URL('save-token.lua', import.meta.url)),
  release: loadScript(new URL('release.lua', import.meta.url)),
};

const acquireReply = z.union([
  z.tuple([z.literal(1), z.int(), z.string().nullable()]),
  z.tuple([z.literal(0), z.int()]),
]);

/** Takes the right if it is free or has run out; `member` is unique for the life of this process. */
export async function acquireSyncLease(
  redis: RedisClient,
  options: { readonly key: string; readonly member: string; readonly leaseMs: number },
): Promise<Acquired> {
  const { key, member, leaseMs } = options;
  const reply = acquireReply.parse(await runScript(redis, scripts.acquire, [key], [member, leaseMs]));
  if (reply[0] === 0) return { ok: false, freeInMs: reply[1] };
  const [, epoch, token] = reply;
  const run = async (script: keyof typeof scripts, ...args: (string | number)[]): Promise<boolean> =>
    (await runScript(redis, scripts[script], [key], [member, epoch, ...args])) === 1;
  const lease: SyncLease = {
    epoch,
    token: token ?? undefined,
    renew: () => run('renew', leaseMs),
    saveToken: (next) => run('saveToken', next),
    release: async () => {
      await run('release');
    },
  };
  return { ok: true, lease };
}
