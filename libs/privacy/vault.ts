import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { VaultItem } from './privacy.ts';

/** What the vault needs of a Redis connection; ioredis' `Redis` and `Cluster` have it. */
export interface VaultRedis {
  eval(script: string, keyCount: number, ...args: (string | number)[]): Promise<unknown>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  pexpire(key: string, ms: number): Promise<number>;
}

/** The personal data behind the placeholders of each session, sealed. */
export interface Vault {
  /** Keeps the items; saving them again changes nothing but how long they are kept. */
  save(session: string, items: readonly VaultItem[]): Promise<void>;
  /** The values of those placeholders that this session has, by placeholder. */
  read(session: string, placeholders: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface VaultDeps {
  readonly redis: VaultRedis;
  readonly keys: Keys;
  readonly partitions: number;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  /** How long a session's data is kept after it was last written or read; at least as long as a session lives. */
  readonly ttlMs?: number;
  readonly mostItems?: number;
  /** Told of a value that does not open: it is as if it were not there. */
  readonly onUnreadable?: (error: unknown) => void;
}

const script = new URL('save-vault-items.lua', import.meta.url);
const fourteenDaysMs = 14 * 24 * 60 * 60_000;
/** Sealed together with its place, so that nobody who may write to Redis can move a value to another session. */
const kept = z.object({ session: z.string(), placeholder: z.string(), value: z.string() });

export function createVault(deps: VaultDeps): Vault {
  const { redis, keys, partitions, sealBody, ttlMs = fourteenDaysMs, mostItems = 1_000 } = deps;
  const source = readFileSync(script, 'utf8');
  const keysOf = (session: string): readonly [string, string] => {
    const partition = partitionOf(session, partitions);
    return [keys.vault(partition, session), keys.vaultOrder(partition, session)];
  };
  return {
    save: async (session, items) => {
      if (items.length === 0) return;
      const sealed = items.flatMap(({ placeholder, value }) => [
        placeholder,
        sealBody(JSON.stringify({ session, placeholder, value })),
      ]);
      await redis.eval(source, 2, ...keysOf(session), ttlMs, mostItems, ...sealed);
    },
    read: async (session, placeholders) => {
      const values = new Map<string, string>();
      if (placeholders.length === 0) return values;
      const [vault, order] = keysOf(session);
      const sealed = await redis.hmget(vault, ...placeholders);
      for (const [index, placeholder] of placeholders.entries()) {
        const value = open(deps, session, placeholder, sealed[index] ?? undefined);
        if (value !== undefined) values.set(placeholder, value);
      }
      if (values.size > 0) await Promise.all([vault, order].map((key) => redis.pexpire(key, ttlMs)));
      return values;
    },
  };
}

/** Undefined for what belongs somewhere else, or does not open: a reply without it is better than none. */
function open(
  { openBody, onUnreadable }: VaultDeps,
  session: string,
  placeholder: string,
  sealed: string | undefined,
): string | undefined {
  if (sealed === undefined) return undefined;
  try {
    const item = kept.parse(JSON.parse(openBody(sealed)));
    return item.session === session && item.placeholder === placeholder ? item.value : undefined;
  } catch (error) {
    onUnreadable?.(error);
    return undefined;
  }
}
