import type { Logger } from 'pino';
import type { Environment } from '#runtime/read-config';
import { CommandError } from '../cli/errors.ts';
import { ChildService } from './child-service.ts';
import { lockFolder } from './lock-folder.ts';
import { makeSigningKeys } from './make-signing-keys.ts';
import { type ProvidedHomeserver, provideHomeserver } from './provide-homeserver.ts';
import { provideKeys } from './provide-keys.ts';
import { type ProvidedRedis, provideRedis } from './provide-redis.ts';
import type { Reporter } from './reporter.ts';
import { type RunningSystem, runFile } from './running-system.ts';
import { planServices } from './service-plan.ts';
import { createStateFolder, removeState, writeState } from './state-folder.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface SystemDeps {
  readonly env: Environment;
  readonly folder: string;
  readonly workers: number;
  readonly reporter: Reporter;
  /** Of the embedded homeserver. */
  readonly log: Logger;
}

/** Redis, homeserver and all services on this machine: what is not given is set up. Stops in the reverse order. */
export class System {
  readonly deps: SystemDeps;
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #stopping = new AbortController();
  readonly #children: ChildService[] = [];
  #homeserver: ProvidedHomeserver | undefined;
  #redis: ProvidedRedis | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(deps: SystemDeps) {
    this.deps = deps;
  }

  /** Aborted when the system stops, with the reason. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get homeserver(): ProvidedHomeserver | undefined {
    return this.#homeserver;
  }

  get redis(): ProvidedRedis | undefined {
    return this.#redis;
  }

  /** Resolves when every service is ready. On an error, what was begun waits for `stop`. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const { env, folder, reporter, log, workers } = this.deps;
    await createStateFolder(folder);
    const lock = lockFolder(folder);
    this.#stops.push(async () => lock[Symbol.dispose]());

    const redisStarted = reporter.begin('Redis');
    const redis = await provideRedis(env, folder, { reporter, signal: this.signal });
    this.#redis = redis;
    this.#stops.push(() => redis.stop());
    await redis.start(this.signal);
    redisStarted(redis.place);
    this.signal.throwIfAborted();

    const homeserverStarted = reporter.begin('Homeserver');
    const homeserver = await provideHomeserver(env, folder, log);
    this.#homeserver = homeserver;
    this.#stops.push(() => homeserver.stop());
    homeserverStarted(
      homeserver.household === undefined ? `${homeserver.url}, given` : `${homeserver.url}, embedded`,
    );
    this.signal.throwIfAborted();

    const servicesStarted = reporter.begin('Services');
    const keys = await provideKeys(env, folder);
    const ours = { ...redis.environment, ...homeserver.environment, ...keys };
    if (homeserver.household !== undefined) await makeSigningKeys({ ...env, ...ours });
    this.signal.throwIfAborted();
    await this.#startServices(ours, workers);
    servicesStarted(this.#children.map(({ plan }) => plan.name).join(', '));
  }

  /** Services first, then the homeserver, then Redis. A second call waits for the first. */
  stop(reason: Error): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  /** Does not wait for anybody. */
  kill(): void {
    for (const child of this.#children) child.kill();
    this.#redis?.kill();
  }

  async #startServices(ours: Record<string, string>, workers: number): Promise<void> {
    const { env, folder, reporter } = this.deps;
    const plans = await planServices(env, ours, workers);
    this.signal.throwIfAborted();
    this.#stops.push(() => this.#stopServices());
    const refused = Promise.withResolvers<never>();
    // Raced below while they start; later a refusal ends the run through `stop`.
    refused.promise.catch(() => undefined);
    for (const plan of plans) {
      const child = new ChildService(plan, reporter, (message) => {
        const error = new CommandError(message || `${plan.name} refuses its configuration`);
        refused.reject(error);
        // A failure to stop is told by the call in runSystem, which waits for the same promise.
        this.stop(error).catch(() => undefined);
      });
      this.#children.push(child);
      child.start();
    }
    const running: RunningSystem = {
      pid: process.pid,
      environment: { ...namedByOperator(env), ...ours },
      services: plans.map(({ name, healthUrl }) => ({ name, healthUrl })),
    };
    await writeState(folder, runFile, running);
    await Promise.race([
      refused.promise,
      Promise.all(plans.map((plan) => waitUntilReady(plan, this.signal))),
    ]);
  }

  async #stopServices(): Promise<void> {
    await removeState(this.deps.folder, runFile);
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  async #stop(reason: Error): Promise<void> {
    this.#stopping.abort(reason);
    // Breaks off at its next step; what it has begun until then is stopped here.
    await this.#started?.catch(() => undefined);
    const errors: unknown[] = [];
    for (const stop of this.#stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be stopped');
  }
}

/** Settings that other commands must share with the services to find and read what they wrote. */
function namedByOperator(env: Environment): Record<string, string> {
  const names =
    /^(REDIS_|MATRIX_|ADMIN_ROOM_ID|REVIEWERS|KEY_PREFIX|STREAM_PARTITIONS|PAYLOAD_KEY|CRYPTO_STORE_KEY|CHECKPOINTER)/;
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && names.test(name) ? [[name, value]] : [],
    ),
  );
}
