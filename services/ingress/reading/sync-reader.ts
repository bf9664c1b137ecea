import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MatrixRequest } from '#matrix/matrix-client';
import { sync } from '#matrix/sync';
import type { Watch } from '#runtime/create-progress';
import { failpoint } from '#runtime/failpoint';
import { retry } from '#runtime/retry';
import type { RedisClient } from '#streams/redis-client';
import { SyncLeaseLostError } from '../errors.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { SyncFilters } from './sync-filter.ts';
import { acquireSyncLease, type SyncLease } from './sync-lease.ts';
import type { TakeSync } from './take-sync.ts';

export interface SyncReaderDeps {
  readonly redis: RedisClient;
  readonly request: MatrixRequest;
  /** Of the hash with lease and token. */
  readonly key: string;
  readonly member: string;
  readonly filters: SyncFilters;
  readonly takeSync: TakeSync;
  readonly watch: Watch;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  readonly leaseMs?: number;
  /** How long the homeserver may hold a request while nothing happens. */
  readonly waitMs?: number;
}

/** A homeserver that asks for more patience is asked again earlier: all rooms wait for this. */
const maxRetryAfterMs = 30_000;
const backoff = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 10_000, maxRetryAfterMs };

/**
 * Reads /sync for as long as the signal allows, alone: of all replicas the one that holds the lease. The token
 * moves on only when all of a round is in the streams; until then the same round is taken again.
 */
export class SyncReader {
  readonly #deps: SyncReaderDeps;
  readonly #leaseMs: number;
  /** Where this process was when it led last; Redis may have lost it meanwhile. */
  #lastToken: string | undefined;
  #hasRead = false;

  constructor(deps: SyncReaderDeps) {
    this.#deps = deps;
    this.#leaseMs = deps.leaseMs ?? 5_000;
  }

  /** Whether /sync is being read, by this process or another one, as far as this one knows. */
  get isReading(): boolean {
    return this.#hasRead;
  }

  /** Resolves when the signal is aborted; rejects with what cannot be mended by trying again. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    while (!signal.aborted) {
      try {
        await sleep(await this.tick(signal), undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (!isRetryable(error)) throw error;
        log.warn({ err: error }, 'Reading /sync was interrupted, goes on');
        await sleep(Math.random() * 1_000, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Leads while it can, if it can. Resolves to the pause before the next try. */
  async tick(signal: AbortSignal): Promise<number> {
    const { redis, key, member, watch } = this.#deps;
    const acquired = await acquireSyncLease(redis, { key, member, leaseMs: this.#leaseMs });
    if (acquired.ok) {
      await this.#lead(acquired.lease, signal);
      return 0;
    }
    this.#lastToken = undefined;
    this.#hasRead = true;
    watch.beat();
    return Math.min(acquired.freeInMs + 5, this.#leaseMs / 3);
  }

  async #lead(lease: SyncLease, signal: AbortSignal): Promise<void> {
    const { metrics, log } = this.#deps;
    const lost = new AbortController();
    const both = AbortSignal.any([signal, lost.signal]);
    const renewal = this.#keepRenewing(lease, lost);
    metrics.leads.set(1);
    log.info({ epoch: lease.epoch, isResuming: lease.token !== undefined }, 'Reads /sync');
    try {
      let token = lease.token ?? this.#lastToken;
      while (!both.aborted) {
        token = await this.#round(lease, token, both);
        this.#lastToken = token;
      }
    } catch (error) {
      if (!both.aborted) throw error;
      if (lost.signal.aborted) log.warn({ epoch: lease.epoch }, 'Another process reads /sync now');
    } finally {
      clearInterval(renewal);
      metrics.leads.set(0);
      if (!lost.signal.aborted) await lease.release();
    }
  }

  #keepRenewing(lease: SyncLease, lost: AbortController): NodeJS.Timeout {
    const renew = async (): Promise<void> => {
      try {
        if (!(await lease.renew())) lost.abort(new SyncLeaseLostError(lease.epoch));
      } catch (error) {
        // Not lost yet: the scripts refuse us as soon as it is.
        this.#deps.log.warn({ err: error }, 'Could not renew the lease of /sync, tries again');
      }
    };
    return setInterval(() => void renew(), this.#leaseMs / 3);
  }

  async #round(lease: SyncLease, since: string | undefined, signal: AbortSignal): Promise<string> {
    const { request, filters, takeSync, watch, metrics, log } = this.#deps;
    const again = (what: string) => ({
      ...backoff,
      signal,
      onRetry: ({ error, attempt, waitMs }: { error: unknown; attempt: number; waitMs: number }) => {
        metrics.batches.inc({ mode: 'sync', outcome: 'failed' });
        log.warn({ err: error, attempt, waitMs }, `${what} failed, tries again`);
      },
    });
    // The first answer makes us ready: on a quiet server it would come after the whole wait.
    const waitMs = since === undefined || !this.#hasRead ? 0 : (this.#deps.waitMs ?? 30_000);
    const filter = since === undefined ? filters.first : filters.next;
    const ask = () => sync(request, { since, filter, waitMs, signal });
    const answer = await retry(ask, again('/sync'));
    // Whatever it is, it must not make the token move on; /health shows that nothing moves.
    const anyError = { ...again('Publishing what /sync gave'), isRetryable: () => true };
    await retry(() => takeSync(answer, since, signal), anyError);
    await retry(() => failpoint('ingress.before-token'), anyError);
    const isStored = await retry(() => lease.saveToken(answer.nextBatch), anyError);
    if (!isStored) throw new SyncLeaseLostError(lease.epoch);
    await failpoint('ingress.after-token');
    metrics.batches.inc({ mode: 'sync', outcome: 'stored' });
    this.#hasRead = true;
    watch.beat();
    return answer.nextBatch;
  }
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof Error && 'retryable' in error && error.retryable === false);
}
