import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AppserviceRegistration } from '#matrix/appservice-registration';
import type { MatrixRequest } from '#matrix/matrix-client';
import { readRoomEvent } from '#matrix/room-event';
import type { Watch } from '#runtime/create-progress';
import { failpoint } from '#runtime/failpoint';
import { retry } from '#runtime/retry';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { TakeEvents } from '../publishing/take-events.ts';
import { createAppserviceApp } from './create-appservice-app.ts';
import type { HasUser } from './create-has-user.ts';
import { pingHomeserver } from './ping-homeserver.ts';

export interface AppserviceReaderDeps {
  readonly registration: AppserviceRegistration;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly request: MatrixRequest;
  readonly takeEvents: TakeEvents;
  readonly hasUser: HasUser;
  /** Rejects while nothing can be stored. */
  readonly pingRedis: () => Promise<unknown>;
  readonly watch: Watch;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  readonly maxBodyBytes?: number;
}

/** How long a stop lets the transaction in hand go on; what is refused then comes again. */
const patienceMs = 15_000;
/** Between two attempts to have the homeserver come back. */
const longestPauseMs = 15_000;

/** Takes the transactions of the homeserver, one after the other; what was stored before is not stored again. */
export class AppserviceReader {
  readonly #deps: AppserviceReaderDeps;
  readonly #app: FastifyInstance;
  /** Ends what is being taken, later than `signal` ends the waiting. */
  readonly #patience = new AbortController();
  #signal = new AbortController().signal;
  /** The end of the transaction before: a homeserver that lost patience sends again while we are still at it. */
  #last: Promise<unknown> = Promise.resolve();
  #recovery: Promise<void> | undefined;
  /** Since the last transaction that was stored. */
  #refusals = 0;
  port = 0;

  constructor(deps: AppserviceReaderDeps) {
    this.#deps = deps;
    const { log, registration, hasUser, maxBodyBytes } = deps;
    this.#app = createAppserviceApp({
      hsToken: registration.hsToken,
      takeTransaction: (events) => this.#enqueue(events),
      hasUser,
      log,
      ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    });
  }

  /** Listens, and has the homeserver send what waits. */
  async start(signal: AbortSignal): Promise<void> {
    const { host, port, log, watch } = this.#deps;
    this.#signal = signal;
    await this.#app.listen({ host, port });
    const address = this.#app.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
    log.info({ host, port: this.port }, 'Takes appservice transactions');
    watch.idle();
    this.#recover();
  }

  /** Finishes the transaction in hand and closes the port. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#patience.abort(), patienceMs);
    await this.#app.close();
    await this.#last;
    clearTimeout(timer);
    await this.#recovery;
  }

  #enqueue(events: readonly unknown[]): Promise<void> {
    const taken = this.#last.then(() => this.#take(events));
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  async #take(raw: readonly unknown[]): Promise<void> {
    const { watch, metrics, takeEvents } = this.#deps;
    watch.beat();
    try {
      const events = raw.map((event) => readRoomEvent(event, roomOf(event)));
      await takeEvents(events, this.#patience.signal);
      await failpoint('ingress.before-token');
      metrics.batches.inc({ mode: 'appservice', outcome: 'stored' });
      this.#refusals = 0;
      watch.idle();
    } catch (error) {
      metrics.batches.inc({ mode: 'appservice', outcome: 'failed' });
      this.#refusals += 1;
      // Not idle: if the homeserver does not come back, /health must show it.
      this.#recover();
      throw error;
    }
  }

  /** After a start or a refusal: once Redis takes entries, the homeserver is told to come at once. */
  #recover(): void {
    const { request, registration, pingRedis, log } = this.#deps;
    if (this.#recovery !== undefined) return;
    const pauseMs = this.#refusals === 0 ? 0 : Math.min(100 * 2 ** this.#refusals, longestPauseMs);
    const work = async (attempt: number): Promise<void> => {
      // Redis may answer and yet refuse to store: not more often than it is worth.
      if (attempt === 1) await sleep(pauseMs, undefined, { signal: this.#signal });
      await pingRedis();
      await pingHomeserver(request, registration.id, this.#signal);
    };
    const onRetry = ({ error, waitMs }: { error: unknown; waitMs: number }): void => {
      log.warn({ err: error, waitMs }, 'The homeserver could not ping us, asks again');
    };
    const options = { attempts: 20, baseMs: 500, maxMs: longestPauseMs, signal: this.#signal, onRetry };
    this.#recovery = retry(work, options)
      .catch((error: unknown) => {
        if (this.#signal.aborted) return;
        const hint =
          'The homeserver does not ping us: it may be up to 512 s late. Check url in its registration';
        log.error({ err: error }, hint);
      })
      .finally(() => {
        this.#recovery = undefined;
      });
  }
}

function roomOf(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('room_id' in event)) return '';
  return typeof event.room_id === 'string' ? event.room_id : '';
}
