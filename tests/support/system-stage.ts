import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Script } from '../../services/homeserver/http/scripts.ts';
import { type StartHomeserver, startEmbeddedHomeserver } from './homeserver-under-test.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { untilSound } from './rooms-checker.ts';
import { appliedBy } from './rooms-checker-input.ts';
import { countDeadLetters } from './rooms-checker-streams.ts';
import { type RedisServer, startRedis } from './start-redis.ts';
import { type System, type SystemOptions, startSystem } from './start-system.ts';
import { copyPlaybook, type PlaybookEdits, type TestPlaybook, writePlaybook } from './system-playbook.ts';
import { startToolServer, type ToolServer } from './tool-server.ts';

export interface StageOptions
  extends Pick<
    SystemOptions,
    'mode' | 'ghosts' | 'replicas' | 'env' | 'firstEnv' | 'partitions' | 'clientFor'
  > {
  /** Default: the embedded one. */
  readonly startHomeserver?: StartHomeserver;
  /** Another policy for `delete_records` than the example playbook's. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Small edits of the example playbook; not with `policy`. */
  readonly playbook?: PlaybookEdits;
  /** False where histories are not the rooms' texts, e.g. without personal data; the same as of `Expected`. */
  readonly checkpoints?: boolean;
  /** Workers ask the scripted model server instead of answering offline. */
  readonly withModel?: boolean;
}

/** A system with the outside world around it: a Redis of its own, a records store, a model. */
export interface Stage {
  readonly system: System;
  readonly redis: RedisServer;
  readonly tools: ToolServer;
  readonly model: ModelServer;
  /** The copy that the workers use, where there is one. */
  readonly playbook: TestPlaybook | undefined;
  /** For the environment of a worker that asks the scripted model. */
  readonly modelEnv: Readonly<Record<string, string>>;
  /** Plays a fault of the embedded homeserver. */
  script(fault: Script): Promise<void>;
  /** How often the records of a project were deleted in this try of the test, and how often the store was asked to. */
  deletions(project: string): { readonly applied: number; readonly calls: number };
  /** Waits until the system is at rest with all invariants intact; happens after every test anyway. */
  sound(withinMs?: number): Promise<void>;
  /** From now on there are so many more dead letters than before. */
  expectDeadLetters(more: number): void;
}

/** What a test that failed has begun ends before its second try begins, or never. In ms. */
const settleMs = 5_000;

/**
 * Runs one stage for all tests of the file or `describe` it is called in. After each test that passed, the system must
 * come to rest with all invariants intact; after each that did not, the logs are printed, and what it left does not
 * count for those that follow: it may be tried once more on the same stage.
 */
export function useStage(options: StageOptions = {}): () => Stage {
  const stack = new AsyncDisposableStack();
  let stage: Stage | undefined;
  let deadLetters = 0;
  let callsBefore = 0;
  const current = (): Stage => {
    if (stage === undefined) throw new Error('The stage is not open yet');
    return stage;
  };

  beforeAll(async () => {
    const parts = await openParts(stack, options);
    const { tools, homeserver, system } = parts;
    stage = {
      ...parts,
      script: async (fault) => {
        if (!('homeserver' in homeserver) || typeof homeserver.homeserver !== 'function') {
          throw new Error('Only the embedded homeserver plays faults');
        }
        await homeserver.homeserver().script(fault);
      },
      deletions: (project) => {
        const calls = tools.calls.slice(callsBefore).filter((call) => call.project === project);
        const keys = [...new Set(calls.map(({ key }) => key))];
        const applied = keys.reduce((sum, key) => sum + (tools.applied.get(key) ?? 0), 0);
        return { applied, calls: calls.length };
      },
      sound: (withinMs) => {
        const { checkpoints = true } = options;
        return untilSound(system, { applied: () => appliedBy(tools), deadLetters, checkpoints }, withinMs);
      },
      expectDeadLetters: (more) => {
        deadLetters += more;
      },
    };
  }, 360_000);
  beforeEach(() => {
    callsBefore = stage?.tools.calls.length ?? 0;
  });
  afterEach(async ({ task }) => {
    if (stage === undefined) return;
    const { system } = stage;
    const hasFailed = task.result?.state === 'fail';
    try {
      if (hasFailed) throw new Error('The test has failed');
      await stage.sound();
    } catch (error) {
      process.stderr.write(`\n=== Logs of "${task.name}"\n${system.logs()}\n`);
      if (!hasFailed) throw error;
      // Why it failed is told already.
      await revive(system);
      await stage.sound(settleMs).catch(() => undefined);
      deadLetters = await countDeadLetters(system).catch(() => deadLetters);
    }
  });
  afterAll(() => stack.disposeAsync(), 60_000);
  return current;
}

/** What a test that failed had killed or frozen runs again: its second try expects a whole system. */
async function revive(system: System): Promise<void> {
  for (const one of system.processes()) {
    one.thaw();
    if (!one.isRunning) await system.start([one.name]).catch(() => undefined);
  }
}

async function openParts(stack: AsyncDisposableStack, options: StageOptions) {
  const { startHomeserver = startEmbeddedHomeserver, policy, withModel = false, env, ...more } = options;
  const { playbook: edits, checkpoints: _, ...others } = more;
  const redis = stack.use(await startRedis());
  const [tools, model] = [stack.use(await startToolServer()), stack.use(await startModelServer())];
  const playbook = await openPlaybook(policy, edits);
  if (playbook !== undefined) stack.use(playbook);
  const modelEnv = {
    MODEL_PROVIDER: 'openai',
    OPENAI_API_KEY: 'a-key-of-the-tests',
    OPENAI_BASE_URL: model.url,
  };
  const isAppservice = options.mode === 'appservice';
  const shared = isAppservice ? undefined : stack.use(await startHomeserver());
  const system = stack.use(
    await startSystem({
      ...others,
      redisUrl: redis.url,
      ...(shared === undefined ? { startHomeserver } : { homeserver: shared }),
      env: {
        RECORDS_URL: tools.url,
        ...(playbook === undefined ? {} : { PLAYBOOK_DIR: playbook.folder }),
        ...(withModel ? modelEnv : {}),
        ...env,
      },
    }),
  );
  return { redis, tools, model, modelEnv, playbook, system, homeserver: system.homeserver };
}

async function openPlaybook(
  policy: StageOptions['policy'],
  edits: PlaybookEdits | undefined,
): Promise<TestPlaybook | undefined> {
  if (policy !== undefined) return writePlaybook(policy);
  return edits === undefined ? undefined : copyPlaybook(edits);
}
