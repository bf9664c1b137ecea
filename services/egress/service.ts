import type { Logger } from 'pino';
import type { CryptoSlot } from '#crypto/crypto-device';
import { createCryptoMetrics } from '#crypto/crypto-metrics';
import { connectSender } from '#matrix/connect-sender';
import { createRequestObserver } from '#matrix/create-request-observer';
import type { MatrixClient } from '#matrix/matrix-client';
import { whoami } from '#matrix/whoami';
import type { Metrics } from '#runtime/create-metrics';
import type { Progress } from '#runtime/create-progress';
import { HealthServer } from '#runtime/health-server';
import { openTracing } from '#runtime/open-tracing';
import type { Service } from '#runtime/run-service';
import type { Tracing } from '#runtime/tracing';
import type { Consumer } from '#streams/create-consumer';
import { openTransport, type Transport } from '#streams/open-transport';
import { countReconnects } from '#streams/redis-metrics';
import type { EgressConfig } from './egress-config.ts';
import { openSpeakers } from './ghosts/open-speakers.ts';
import { createOpenCrypto } from './sending/open-crypto.ts';
import { wireEgress } from './wire-egress.ts';

export interface EgressDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly progress: Progress;
  /** Told of tokens, so that logs can cover them. */
  readonly onToken: (token: string) => void;
}

/** The consumer's loop goes round every second. */
const stalledAfterMs = 30_000;

/** Brings what the worker says into the rooms. */
export class EgressService implements Service {
  readonly log: Logger;
  readonly #config: EgressConfig;
  readonly #deps: EgressDeps;
  readonly #health: HealthServer;
  #transport: Transport | undefined;
  #client: MatrixClient | undefined;
  #consumer: Consumer | undefined;
  #tracing: Tracing | undefined;
  #speakers: AsyncDisposable | undefined;
  #crypto: CryptoSlot | undefined;
  readonly #devices = new AbortController();

  constructor(config: EgressConfig, deps: EgressDeps) {
    this.log = deps.log;
    this.#config = config;
    this.#deps = deps;
    this.#health = new HealthServer({
      ...config.health,
      progress: deps.progress,
      registry: deps.metrics.registry,
      log: deps.log,
      checks: {
        redis: async () => opened(this.#transport, 'Redis').ping(),
        // Fails with the token too: once it is refused, nothing can be sent.
        matrix: async (signal) => {
          const { request } = opened(this.#client, 'The homeserver');
          return whoami((method, path, options) => request(method, path, { ...options, signal }));
        },
      },
      // Rooms that are not encrypted are served without it.
      ...(config.crypto.storeKey === undefined
        ? {}
        : { partial: { crypto: async () => opened(this.#crypto, 'The crypto device').check() } }),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { log, metrics, progress } = this.#deps;
    await this.#health.start();
    const { SLOT: slot, ADMIN_ROOM_ID: adminRoom, DELIVERY_MARKS: hasMarks } = this.#config;
    const transport = await openTransport(this.#config, { name: 'egress', slot, log, signal });
    this.#transport = transport;
    const { registry } = metrics;
    const tracing = await openTracing({ ...this.#config.tracing, ...this.#deps, service: 'egress' });
    this.#tracing = tracing;
    countReconnects(metrics, transport.redis);
    const account = { ...transport, ...this.#deps, signal };
    const { matrix, ghosts, crypto } = this.#config;
    const { storeKey } = crypto;
    const observe = createRequestObserver(registry);
    const client = observe(await connectSender(matrix, 'egress', account));
    this.#client = client;
    log.info({ user: client.userId, device: client.deviceId }, 'Connected to the homeserver');
    if (client.deviceId === null) {
      log.warn(
        'Without a device the homeserver forgets what was sent when it restarts: replies may come twice',
      );
    }
    const { beat } = progress.watch('consumer', { stalledAfterMs });
    // Shown without a key too: what is not there cannot be alerted on.
    const cryptoMetrics = createCryptoMetrics(registry);
    // What is under way when the service stops is still encrypted.
    const ownAccount = { ...account, signal: this.#devices.signal };
    const openCrypto =
      storeKey === undefined
        ? undefined
        : createOpenCrypto({ matrix, storeKey, account: ownAccount, observe, metrics: cryptoMetrics });
    this.#crypto = await openCrypto?.({ userId: client.userId });
    const bot = { client, crypto: this.#crypto };
    const speakers = await openSpeakers({ bot, matrix, prefix: ghosts.prefix, account, observe, openCrypto });
    this.#speakers = speakers;
    this.#consumer = wireEgress({ transport, speakers, adminRoom, hasMarks, log, registry, beat, tracing });
    await this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
    this.#devices.abort(new Error('Egress is stopping'));
    await this.#speakers?.[Symbol.asyncDispose]();
    await this.#crypto?.[Symbol.asyncDispose]();
    await this.#tracing?.[Symbol.asyncDispose]();
    await this.#transport?.close();
    await this.#health.stop();
  }
}

function opened<T>(resource: T | undefined, name: string): T {
  if (resource === undefined) throw new Error(`${name} has not been reached yet`);
  return resource;
}
