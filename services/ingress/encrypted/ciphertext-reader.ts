import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CryptoDevice, CryptoSlot } from '#crypto/crypto-device';
import { DeviceLostError } from '#crypto/errors';
import type { Watch } from '#runtime/create-progress';
import { failpoint } from '#runtime/failpoint';
import { retry } from '#runtime/retry';
import type { News } from '#streams/news';
import type { RedisClient } from '#streams/redis-client';
import { redisNow } from '#streams/redis-now';
import { Signal } from '#streams/signal';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { TakeEvents } from '../publishing/take-events.ts';
import type { DeadInput } from '../publishing/write-dead-letter.ts';
import type { CiphertextQueue } from './ciphertext-queue.ts';
import { createOpener, type Opener, type OpenerDeps, type Opening } from './create-opener.ts';

export interface CiphertextReaderDeps extends Pick<OpenerDeps, 'keyWaitMs' | 'batchSize' | 'maxWaiting'> {
  readonly slot: Pick<CryptoSlot, 'current' | 'held'>;
  readonly queue: CiphertextQueue;
  readonly redis: RedisClient;
  /** Blocks until the queue grows, on a connection of its own: an event of another replica is read at once. */
  readonly news: Pick<News, 'wait'>;
  readonly takeEvents: TakeEvents;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
  readonly watch: Watch;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  /** How often what waits is tried again, should no keys come. */
  readonly retryMs?: number;
}

const backoff = { attempts: Number.POSITIVE_INFINITY, baseMs: 200, maxMs: 10_000 };

/**
 * Publishes what the queue's events say, for as long as the signal allows: where this process holds the keys. An event
 * leaves the queue when all of it is stored. Whoever takes over begins with the oldest; what was published before is
 * known to the ledger.
 */
export async function runCiphertextReader(deps: CiphertextReaderDeps, signal: AbortSignal): Promise<void> {
  const { slot, watch, metrics, log } = deps;
  while (!signal.aborted) {
    watch.idle();
    try {
      await readWith(deps, await slot.held(signal), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DeviceLostError) log.warn({ err: error }, 'Another process reads encrypted rooms');
      else log.warn({ err: error }, 'Reading encrypted rooms was interrupted, goes on');
      await sleep(200 + Math.random() * 800, undefined, { signal }).catch(() => undefined);
    } finally {
      metrics.waiting.set(0);
      metrics.oldestWait.set(0);
    }
  }
}

async function readWith(
  deps: CiphertextReaderDeps,
  device: CryptoDevice,
  signal: AbortSignal,
): Promise<void> {
  const { slot, queue, redis, news, watch, log, retryMs = 2_000 } = deps;
  const opener = createOpener({ ...deps, device });
  const changed = new Signal();
  let areKeysNew = true;
  let retryAt = 0;
  const wake = (): void => changed.fire();
  const stopListening = device.onKeys(() => {
    areKeysNew = true;
    wake();
  });
  signal.addEventListener('abort', wake, { once: true });
  log.info({ device: device.deviceId, fingerprint: device.fingerprint }, 'Reads encrypted rooms');
  try {
    while (!signal.aborted && slot.current() === device) {
      watch.beat();
      const now = await redisNow(redis);
      const isRetry = areKeysNew || performance.now() >= retryAt;
      areKeysNew = false;
      const started = performance.now();
      const { openings, hasMore } = await opener.next(now, isRetry);
      // Where many wait, trying them all takes its time: most of it belongs to the others.
      if (isRetry) retryAt = performance.now() + Math.max(retryMs, 4 * (performance.now() - started));
      await takeAll(deps, device, openings, signal);
      tell(deps, opener, now);
      if (hasMore) continue;
      const watched = new Map([[queue.key, opener.cursor()]]);
      await news.wait('ciphertext', watched, changed, () => areKeysNew || signal.aborted);
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', wake);
  }
}

/** Whatever fails, nothing behind it may pass; /health shows that nothing moves. */
async function takeAll(
  { slot, takeEvents, writeDeadLetter, queue, metrics, log }: CiphertextReaderDeps,
  device: CryptoDevice,
  openings: readonly Opening[],
  signal: AbortSignal,
): Promise<void> {
  if (openings.length === 0) return;
  const events = openings.flatMap(({ event }) => event ?? []);
  const take = async (): Promise<void> => {
    for (const event of events) {
      if (event.kind !== 'undecryptable' || event.isLate) continue;
      const { room, raw, reason } = event;
      // Known by its bytes: under its id the user is told of it.
      await writeDeadLetter({ room, eventId: null, raw, reason: `cannot be decrypted: ${reason}` });
    }
    await takeEvents(events, signal);
    await failpoint('ingress.before-ciphertext-removed');
    await queue.remove(openings.flatMap(({ ids }) => ids));
  };
  await retry(take, {
    ...backoff,
    signal,
    // Else its next owner does it.
    isRetryable: () => slot.current() === device,
    onRetry: ({ error, attempt, waitMs }) => {
      log.warn({ err: error, attempt, waitMs }, 'Publishing what was decrypted failed, tries again');
    },
  });
  for (const { outcome } of openings) {
    if (outcome !== 'clear' && outcome !== 'repeated') metrics.decrypted.inc({ outcome });
    if (outcome === 'unreadable') metrics.dead.inc();
  }
}

function tell({ metrics }: CiphertextReaderDeps, { waiting }: Opener, now: number): void {
  metrics.waiting.set(waiting.size);
  metrics.oldestWait.set(Math.max(0, now - (waiting.oldest() ?? now)) / 1_000);
}
