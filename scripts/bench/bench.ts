import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { createLocalStores } from '#agents/desk/create-local-stores';
import { type LocalConversation, openLocalConversation } from '#agents/desk/open-local-conversation';
import { createTools } from '#agents/tools/create-tools';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Playbook } from '#playbook/playbook';
import { type Environment, readConfig } from '#runtime/read-config';
import { openTransport, type Transport } from '#streams/open-transport';
import { type WorkerConfig, workerConfig } from '../../services/worker/worker-config.ts';
import { CommandError } from '../cli/errors.ts';
import { findRedisServer } from '../setup/find-redis-server.ts';
import { OwnRedis } from '../up/own-redis.ts';
import { localRedis } from '../up/redis-programs.ts';
import type { BenchOptions } from './read-options.ts';

/** What all rows share: a Redis of our own, set as a production one, and the worker's desk without a model. */
export interface Bench extends AsyncDisposable {
  readonly options: BenchOptions;
  readonly redisUrl: string;
  /** For data of processes that a row starts. */
  readonly folder: string;
  readonly log: Logger;
  readonly conversation: LocalConversation;
  readonly playbook: Playbook;
  /** What a worker process needs, with keys of its own. */
  environment(prefix: string): Environment;
  config(prefix: string): WorkerConfig;
  transport(prefix: string, slot?: string): Promise<Transport>;
  /** Never given before. */
  newPrefix(): string;
}

/** Starts a Redis that writes to disk before it answers. @throws {CommandError} where there is none to start. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const program = await findRedisServer(say);
  if (program === undefined)
    throw new CommandError('npm run bench needs redis-server or valkey-server on PATH');
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const reporter = { begin: () => () => undefined, info: say, warn: say, serviceLine: () => undefined };
  const redis = new OwnRedis(localRedis(program), join(folder, 'redis'), reporter);
  stack.defer(() => redis.stop());
  // Ctrl-C is not for the Redis, which is in a process group of its own.
  const kill = (): void => {
    redis.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', kill);
  stack.defer(() => void process.off('exit', kill));
  await redis.start(new AbortController().signal);
  const log = pino({ level: 'silent' });
  const environment = (prefix: string): Environment => ({
    PATH: process.env['PATH'],
    REDIS_URL: redis.url,
    KEY_PREFIX: prefix,
    ADMIN_ROOM_ID: '!admin:localhost',
    REVIEWERS: '@rita:localhost',
    LOG_LEVEL: 'warn',
  });
  const config = (prefix: string) => readConfig(workerConfig, environment(prefix)).config;
  const { turns, approvals } = config('bench');
  const playbook = await loadPlaybook(turns.playbookDir, { reviewers: approvals.reviewers });
  const conversation = await openLocalConversation(playbook, {
    model: () => undefined,
    modelName: 'offline',
    tools: createTools({ recordsUrl: undefined }),
    stores: createLocalStores(),
    env: {},
    log,
    signal: new AbortController().signal,
  });
  stack.use(conversation);
  const resources = stack.move();
  let prefixes = 0;
  return {
    options,
    redisUrl: redis.url,
    folder,
    log,
    conversation,
    playbook,
    environment,
    config,
    transport: (prefix, slot = 'bench') =>
      openTransport(config(prefix), { name: slot, slot, log, signal: new AbortController().signal }),
    newPrefix: () => `bench${prefixes++}`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
