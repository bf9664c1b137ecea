import { z } from 'zod';
import type { RedisClient } from '#streams/redis-client';
import type { Procedures } from './procedures.ts';

export interface ProceduresDeps {
  readonly redis: RedisClient;
  /** The hash that holds them: by the approval's id, sealed. */
  readonly key: string;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
}

const kept = z.object({
  id: z.string(),
  session: z.string().optional(),
  topic: z.string(),
  request: z.string(),
  text: z.string(),
  by: z.string(),
  at: z.string(),
});

/** Procedures of reviewers in one hash, for all sessions. */
export function createRedisProcedures({ redis, key, sealBody, openBody }: ProceduresDeps): Procedures {
  return {
    keep: async (procedure) => {
      await redis.hset(key, procedure.id, sealBody(JSON.stringify(procedure)));
    },
    list: async () => {
      const all = Object.values(await redis.hgetall(key));
      const read = all.map((sealed) => kept.parse(JSON.parse(openBody(sealed))));
      return read.sort((one, other) => one.at.localeCompare(other.at));
    },
  };
}
