import type { Logger } from 'pino';
import type { CryptoSlot } from '#crypto/crypto-device';
import { createCryptoMetrics } from '#crypto/crypto-metrics';
import { NoDeviceError } from '#crypto/errors';
import { loadAppserviceRegistration } from '#matrix/appservice-registration';
import { type AccountDeps, connectAccount } from '#matrix/connect-account';
import { createRequestObserver } from '#matrix/create-request-observer';
import type { MatrixClient } from '#matrix/matrix-client';
import { openGhostNames } from '#matrix/open-ghost-names';
import { openPrivacy } from '#privacy/open-privacy';
import type { Metrics } from '#runtime/create-metrics';
import type { Progress } from '#runtime/create-progress';
import { HealthServer } from '#runtime/health-server';
import { openTracing } from '#runtime/open-tracing';
import type { Service } from '#runtime/run-service';
import type { Tracing } from '#runtime/tracing';
import { News } from '#streams/news';
import { openTransport, type Transport } from '#streams/open-transport';
import { countReconnects } from '#streams/redis-metrics';
import { tracePublisher } from '#streams/trace-publisher';
import { runCiphertextReader } from './encrypted/ciphertext-reader.ts';
import { openCrypto } from './encrypted/open-crypto.ts';
import type { IngressConfig } from './ingress-config.ts';
import { createIngressMetrics, watchQueue } from './ingress-metrics.ts';
import { AppserviceReader } from './reading/appservice-reader.ts';
import { createHasUser, type HasUser } from './reading/create-has-user.ts';
import { syncFilters } from './reading/sync-filter.ts';
import { SyncReader } from './reading/sync-reader.ts';
import { createTakeSync } from './reading/take-sync.ts';
import { type Pipeline, wirePipeline } from './wire-pipeline.ts';

export interface IngressDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly progress: Progress;
  /** Told of tokens, so that logs can cover them. */
  readonly onToken: (token: string) => void;
}

/** No round of /sync, no transaction and no look at the lease for so long: something stands still. */
const stalledAfterMs = 120_000;
const timelineLimit = 100;
const maxGapEvents = 5_000;

const noGhosts = { isGhost: () => false, agentOf: () => undefined };

/** Brings what people write in Matrix into the inbound streams. */
export class IngressService implements Service {
  readonly log: Logger;
  readonly #config: IngressConfig;
  readonly #deps: IngressDeps;
  readonly #health: HealthServer;
  #transport: Transport | undefined;
  #tracing: Tracing | undefined;
  #slot: CryptoSlot | undefined;
  #isReading: () => boolean = () => false;
  #ends: (() => Promise<unknown>)[] = [];

  constructor(config: IngressConfig, deps: IngressDeps) {
    this.log = deps.log;
    this.#config = config;
    this.#deps = deps;
    this.#health = new HealthServer({
      ...config.health,
      progress: deps.progress,
      registry: deps.metrics.registry,
      log: deps.log,
      checks: {
        redis: async () => this.#opened().ping(),
        matrix: async () => {
          if (!this.#isReading()) throw new Error('Nothing has been read from the homeserver yet');
        },
        crypto: () => this.#checkCrypto(),
      },
    });
  }

  /** Whether events are being read from the homeserver, by this replica or another one. */
  get isReading(): boolean {
    return this.#isReading();
  }

  async start(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    await this.#health.start();
    const { playbookDir } = this.#config.privacy;
    const privacy = await openPrivacy({ playbookDir, payloadKey: this.#config.payload.key }, log);
    const opening = openTransport(this.#config, { name: 'ingress', slot: this.#config.SLOT, log, signal });
    this.#transport = await opening;
    const { registry } = this.#deps.metrics;
    const tracing = await openTracing({ ...this.#config.tracing, ...this.#deps, service: 'ingress' });
    this.#tracing = tracing;
    countReconnects(this.#deps.metrics, this.#transport.redis);
    const account = { ...this.#transport, ...this.#deps, signal };
    const observe = createRequestObserver(registry);
    const client = observe(await connectAccount(this.#config.matrix, 'ingress', account));
    log.info({ user: client.userId, device: client.deviceId }, 'Connected to the homeserver');
    const names = await openGhostNames(this.#config.matrix, client.userId, this.#config.ghosts.prefix);
    const { isGhost, agentOf } = names?.ok === true ? names.names : noGhosts;
    const metrics = createIngressMetrics(this.#deps.metrics);
    const slot = this.#openCrypto(client, account, observe);
    const { policy, rooms, limits: perMinute, media } = this.#config;
    const receive = { tracing, name: 'receive', begins: true };
    const transport = {
      ...this.#transport,
      publisher: tracePublisher(this.#transport.publisher, receive),
    };
    const pipeline = wirePipeline({
      transport,
      client,
      isGhost,
      agentOf,
      policy,
      rooms,
      hasPeers: this.#config.matrix.access.kind === 'appservice',
      perMinute,
      privacy,
      slot,
      ...media,
      metrics,
      log,
    });
    watchQueue(this.#deps.metrics, pipeline.queue);
    const joining = pipeline.rooms.run(signal);
    this.#ends.push(() => joining);
    if (slot !== undefined) this.#readEncrypted(slot, this.#transport, pipeline, metrics, signal);
    const { access } = this.#config.matrix;
    if (access.kind === 'appservice') {
      const hasUser = createHasUser({ ...client, isGhost });
      const reading = { ...pipeline, hasUser };
      await this.#startAppservice(access.registrationFile, client, reading, metrics, signal);
    } else {
      this.#startSync(this.#transport, client, pipeline, metrics, signal);
    }
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
    await this.#tracing?.[Symbol.asyncDispose]();
    await this.#transport?.close();
    await this.#health.stop();
  }

  #opened(): Transport {
    if (this.#transport === undefined) throw new Error('Redis has not been opened yet');
    return this.#transport;
  }

  /** Whoever leaves the keys to another replica is as ready as that one. */
  async #checkCrypto(): Promise<void> {
    await this.#slot?.check().catch((error: unknown) => {
      if (!(error instanceof NoDeviceError) || !error.isElsewhere) throw error;
    });
  }

  #openCrypto(
    { userId }: MatrixClient,
    account: AccountDeps,
    observe: (client: MatrixClient) => MatrixClient,
  ): CryptoSlot | undefined {
    const { matrix, crypto } = this.#config;
    // Shown without a key too: what is not there cannot be alerted on.
    const metrics = createCryptoMetrics(this.#deps.metrics.registry);
    if (crypto.storeKey === undefined) return undefined;
    const slot = openCrypto({ matrix, storeKey: crypto.storeKey, account, userId, observe, metrics });
    this.#slot = slot;
    return slot;
  }

  #readEncrypted(
    slot: CryptoSlot,
    { redis, connectBlocking }: Transport,
    { takeOpened: takeEvents, queue, writeDeadLetter }: Pipeline,
    metrics: ReturnType<typeof createIngressMetrics>,
    signal: AbortSignal,
  ): void {
    const { log, progress } = this.#deps;
    const watch = progress.watch('decrypt', { stalledAfterMs });
    const news = new News(connectBlocking, redis);
    const { keyWaitMs } = this.#config.encrypted;
    const what = { slot, queue, redis, news, takeEvents, writeDeadLetter, keyWaitMs };
    const reading = runCiphertextReader({ ...what, watch, metrics, log }, signal);
    this.#ends.push(async () => {
      await reading;
      news.close();
      await slot[Symbol.asyncDispose]();
    });
  }

  #startSync(
    { redis, keys, member }: Transport,
    client: MatrixClient,
    pipeline: Pipeline,
    metrics: ReturnType<typeof createIngressMetrics>,
    signal: AbortSignal,
  ): void {
    const { log, progress } = this.#deps;
    const { userId, request } = client;
    const filters = syncFilters(timelineLimit);
    const gaps = { filter: filters.messages, maxEvents: maxGapEvents };
    const { policy } = this.#config;
    const takeSync = createTakeSync({
      ...pipeline,
      ...pipeline.rooms,
      ...gaps,
      declineEncrypted: this.#slot === undefined ? pipeline.declineEncrypted : undefined,
      request,
      userId,
      policy,
      metrics,
      log,
    });
    const watch = progress.watch('sync', { stalledAfterMs });
    const key = keys.sync(userId);
    const reader = new SyncReader({ redis, request, key, member, filters, takeSync, watch, metrics, log });
    this.#isReading = () => reader.isReading;
    const reading = reader.run(signal);
    this.#ends.push(() => reading);
  }

  async #startAppservice(
    registrationFile: string,
    { request }: MatrixClient,
    reading: Pick<Pipeline, 'takeEvents'> & { readonly hasUser: HasUser },
    metrics: ReturnType<typeof createIngressMetrics>,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, progress } = this.#deps;
    const registration = await loadAppserviceRegistration(registrationFile);
    const watch = progress.watch('appservice', { stalledAfterMs });
    const pingRedis = (): Promise<unknown> => this.#opened().ping();
    const { host, port } = this.#config.appservice;
    const { takeEvents, hasUser } = reading;
    const place = { registration, host, port, hasUser };
    const reader = new AppserviceReader({ ...place, request, takeEvents, pingRedis, watch, metrics, log });
    this.#ends.push(() => reader.stop());
    await reader.start(signal);
    this.#isReading = () => true;
  }
}
