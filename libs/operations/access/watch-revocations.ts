import type { Logger } from 'pino';
import { keepCopy } from '#operations/keep-copy';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { parseRevocations, revisionField } from './read-revocations.ts';
import type { Proof, Revocation } from './revocation.ts';

/** What is revoked at this moment, known within a second, without asking Redis. */
export interface Revocations {
  isRevoked(proof: Proof): boolean;
  /** False where the copy is too old to let anybody in by it: Redis has not been heard of for half a minute. */
  readonly isFresh: boolean;
  /** Calls `end` once, when the proof is revoked; never after the function that it returns. At once where it is. */
  whenRevoked(proof: Proof, end: () => void): () => void;
}

export type WatchedRevocations = Revocations & AsyncDisposable;

export interface WatchDeps {
  readonly transport: Pick<Transport, 'redis' | 'keys'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** How old the copy may get before nobody new is let in by it. */
  readonly freshMs?: number;
}

interface Copy {
  readonly revision: string | null;
  readonly records: readonly Revocation[];
  readonly tokens: ReadonlySet<string>;
  /** By user id: what was issued at this moment or before is revoked, in ms. */
  readonly subjects: ReadonlyMap<string, number>;
}

/**
 * Keeps a copy of what is revoked: a look at one field every `everyMs` (default 250), and the whole hash where that has
 * changed. While Redis is away what is known stays revoked; after `freshMs` (default 30 s) of it `isFresh` is false.
 * Resolves when it has been read once, so that nobody is let in before.
 *
 * @throws what `signal` carries when it is aborted before, and what Redis says about a key that is no hash.
 */
export async function watchRevocations(deps: WatchDeps): Promise<WatchedRevocations> {
  const { log, signal, everyMs = 250, freshMs = 30_000 } = deps;
  const open = new Set<{ readonly proof: Proof; readonly end: () => void }>();
  const copy = await keepCopy<Copy>({
    read: (before) => readChanged(deps, before),
    onChange: (now) => {
      log.info({ tokens: now.tokens.size, subjects: now.subjects.size }, 'What is revoked has changed');
      for (const one of open) {
        if (!isRevoked(now, one.proof)) continue;
        open.delete(one);
        one.end();
      }
    },
    words: {
      waiting: 'What is revoked cannot be read yet: nobody is let in before',
      away: 'What is revoked cannot be read: what was revoked stays so',
      back: 'What is revoked can be read again',
    },
    ...{ log, signal, everyMs },
  });
  return {
    isRevoked: (proof) => isRevoked(copy.value, proof),
    get isFresh() {
      return copy.ageMs < freshMs;
    },
    whenRevoked: (proof, end) => {
      if (isRevoked(copy.value, proof)) {
        end();
        return () => undefined;
      }
      const one = { proof, end };
      open.add(one);
      return () => open.delete(one);
    },
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
  };
}

function isRevoked({ tokens, subjects }: Copy, { user, jti, issuedAt }: Proof): boolean {
  if (jti !== null && tokens.has(jti)) return true;
  const before = subjects.get(user);
  return before !== undefined && issuedAt <= before;
}

/** The same copy where nothing has changed. What has ended meanwhile does no harm in it: so has what it revokes. */
async function readChanged({ transport, log }: WatchDeps, copy: Copy | undefined): Promise<Copy> {
  const { redis, keys } = transport;
  const revision = await redis.hget(keys.revocations(), revisionField);
  if (copy !== undefined && copy.revision === revision) return copy;
  const [fields, now] = await Promise.all([redis.hgetall(keys.revocations()), redisNow(redis)]);
  const { known, unknown } = parseRevocations(fields, now);
  if (unknown.length > 0) log.error({ unknown }, 'Revocations of a kind that this release does not know');
  const all = [...stillCounting(copy, now), ...known];
  // What is known now comes last, and counts.
  const records = [...new Map(all.map((one) => [`${one.kind}:${one.id}`, one])).values()];
  return {
    revision: fields[revisionField] ?? null,
    records,
    tokens: new Set(records.filter(({ kind }) => kind === 'jti').map(({ id }) => id)),
    subjects: new Map(records.filter(({ kind }) => kind === 'subject').map(({ id, at }) => [id, at])),
  };
}

/** Nothing takes a revocation back: what is gone from Redis before its time was deleted, or lost in a failover. */
function stillCounting(copy: Copy | undefined, now: number): Revocation[] {
  const isReadable = ({ by }: Revocation): boolean => by !== '';
  return (copy?.records ?? []).filter((record) => record.until > now && isReadable(record));
}
