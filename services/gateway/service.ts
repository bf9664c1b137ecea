import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { watchRevocations } from '#operations/access/watch-revocations';
import { exposeBacklog } from '#operations/streams/expose-backlog';
import { openPrivacy } from '#privacy/open-privacy';
import { createVault } from '#privacy/vault';
import { createHealthAnswers } from '#runtime/create-health-answers';
import type { Metrics } from '#runtime/create-metrics';
import type { Progress } from '#runtime/create-progress';
import { openTracing } from '#runtime/open-tracing';
import type { Service } from '#runtime/run-service';
import { openTransport, type Transport } from '#streams/open-transport';
import { tracePublisher } from '#streams/trace-publisher';
import { createApp } from './create-app.ts';
import { FrontDoor } from './front-door.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { openFeed } from './live/open-feed.ts';

export interface GatewayServiceDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly progress: Progress;
}

/** The event loop is asked every second whether it still turns. */
const pulseMs = 1_000;
const stalledAfterMs = 30_000;

/** What people and programs reach over HTTP: the API, what happens live, and the console. */
export class GatewayService implements Service {
  readonly log: Logger;
  readonly #config: GatewayConfig;
  readonly #deps: GatewayServiceDeps;
  readonly #door: FrontDoor;
  readonly #stopping = new AbortController();
  readonly #resources = new AsyncDisposableStack();
  #transport: Transport | undefined;
  #app: FastifyInstance | undefined;

  constructor(config: GatewayConfig, deps: GatewayServiceDeps) {
    this.log = deps.log;
    this.#config = config;
    this.#deps = deps;
    const answerHealth = createHealthAnswers({
      progress: deps.progress,
      registry: deps.metrics.registry,
      log: deps.log,
      signal: this.#stopping.signal,
      checks: {
        redis: async () => {
          if (this.#transport === undefined) throw new Error('Redis has not been reached yet');
          return this.#transport.ping();
        },
        gateway: async () => {
          if (this.#app === undefined) throw new Error('The gateway does not answer yet');
        },
      },
    });
    this.#door = new FrontDoor({ ...config.listen, log: deps.log, answerHealth });
  }

  /** Where it listens; 0 before `start`. */
  get port(): number {
    return this.#door.port;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { log, metrics, progress } = this.#deps;
    const config = this.#config;
    signal.addEventListener('abort', () => this.#stopping.abort(signal.reason), { once: true });
    const port = await this.#door.listen();
    log.info({ port, host: config.listen.host }, 'Listening');
    const watch = progress.watch('event loop', { stalledAfterMs });
    const pulse = setInterval(() => watch.beat(), pulseMs);
    this.#resources.defer(() => clearInterval(pulse));
    const transport = await openTransport(config, { name: 'gateway', slot: config.SLOT, log, signal });
    this.#transport = this.#resources.use(transport);
    const stopping = this.#stopping.signal;
    const [tracing, feed, privacy, revocations] = await Promise.all([
      openTracing({ service: 'gateway', ...config.tracing, log, metrics }),
      openFeed({ transport, log, metrics, signal: stopping }),
      openPrivacy({ playbookDir: config.privacy.playbookDir, payloadKey: config.payload.key }, log),
      watchRevocations({ transport, log, signal: stopping }),
    ]);
    this.#resources.use(revocations);
    this.#resources.use(tracing);
    this.#resources.use(feed);
    exposeBacklog(transport, metrics);
    const vault = createVault(transport);
    const request = { tracing, name: 'request', kind: 'server', begins: true } as const;
    const traced = { ...transport, publisher: tracePublisher(transport.publisher, request) };
    const deps = {
      transport: traced,
      feed,
      privacy,
      vault,
      metrics,
      tracing,
      revocations,
      log,
      signal: stopping,
    };
    const app = await createApp(config, { ...deps, door: this.#door });
    this.#app = app;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The gateway is stopping'));
    await this.#door.close();
    await this.#app?.close();
    await this.#resources.disposeAsync();
  }
}
