import { Redis } from 'ioredis';
import pino from 'pino';
import { z } from 'zod';
import { buildActionGraph } from '#agents/actions/build-action-graph';
import { buildConversationGraph } from '#agents/conversation/build-conversation-graph';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import type { EntryType, StreamName } from '#contract/bodies';
import { decodeEntry, type Entry, type EntryOf } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { createBrain } from '#models/create-brain';
import { loadPlaybook } from '#playbook/load-playbook';
import type { ToolPolicy } from '#playbook/playbook';
import { createPublisher } from '#streams/publish';
import { takeTurn } from '../../services/worker/take-turn.ts';
import { tellDead } from '../../services/worker/tell-dead.ts';
import { createTurnSavers } from '../../services/worker/turn-savers.ts';
import { eventually } from './eventually.ts';
import { redisAt } from './redis-at.ts';
import { messageEntry, startTestConsumer, type TestConsumer } from './test-consumer.ts';
import { uniquePrefix } from './unique-prefix.ts';

export const stageSession = '!room:localhost:main:@ana:localhost';
export const stageAdminRoom = '!admin:localhost';
const partition = partitionOf(stageSession, 4);
const playbookDir = new URL('../../services/worker/playbook', import.meta.url).pathname;

export interface StageOptions {
  readonly policy?: Partial<ToolPolicy['policy']>;
  readonly expiresInSeconds?: number;
  readonly isRepeatable?: boolean;
  /** Runs in the tool, after it has counted its call. */
  readonly onTool?: (calls: number) => void;
}

/** Workers in this process around the real graphs, without Matrix: facts go in, stream entries come out. */
export async function startWorkerStage(redisUrl: string, options: StageOptions = {}) {
  const redis = new Redis(redisUrl);
  const prefix = uniquePrefix('worker');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const playbook = await loadPlaybook(playbookDir, { reviewers: ['@rita:localhost', '@ron:localhost'] });
  const calls: { project: string; idempotencyKey: string }[] = [];
  const tool: Tool<{ project: string }> = {
    name: 'delete_records',
    description: 'Deletes all records of a project.',
    args: z.strictObject({ project: z.string().min(1) }),
    risk: 'medium',
    isRepeatable: options.isRepeatable ?? true,
    timeoutMs: 5_000,
    run: async ({ project }, { idempotencyKey }) => {
      calls.push({ project, idempotencyKey });
      options.onTool?.(calls.length);
      return { text: `Deleted 3 records of ${project}.` };
    },
  };
  const tools = createToolRegistry([tool]);
  const plain = (text: string) => text;
  const turnDeps = {
    redis,
    keys,
    sealBody: plain,
    openBody: plain,
    conversation: buildConversationGraph({
      ...createBrain({ provider: 'offline' }, playbook),
      tools,
      greeting: playbook.greeting,
      exampleOf: () => undefined,
    }),
    actions: buildActionGraph({ tools }),
    tools,
    policyOf: (name: string): ToolPolicy => {
      const found = playbook.policies.get(name);
      if (found === undefined) throw new Error(`no policy for ${name}`);
      const expiresInSeconds = options.expiresInSeconds ?? found.expiresInSeconds;
      return { ...found, expiresInSeconds, policy: { ...found.policy, ...options.policy } };
    },
    saversFor: createTurnSavers({ redis, keys, sessionTtlMs: 60_000, sealBody: plain, openBody: plain }),
    adminRoom: stageAdminRoom,
    sessionTtlMs: 60_000,
    log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
  };
  const startWorker = (member: string): Promise<TestConsumer> =>
    startTestConsumer(redisAt(redisUrl), prefix, member, {
      handle: (delivery) => takeTurn(turnDeps, delivery),
      onDead: tellDead,
    });
  const worker = await startWorker('w1');

  const entries = async <T extends EntryType>(stream: StreamName, type: T): Promise<EntryOf<T>[]> => {
    const raw = await redis.xrange(keys.stream(partition, stream), '-', '+');
    return raw.flatMap(([, fields]) => {
      const decoded = decodeEntry(fields);
      // `type` was compared just now.
      return decoded.ok && decoded.entry.type === type ? [decoded.entry as unknown as EntryOf<T>] : [];
    });
  };
  const decide = (
    approval: string,
    body: Partial<EntryOf<'approval.decided'>['body']>,
    id = `$decision-${Math.random()}`,
  ) => {
    const at = new Date().toISOString();
    const entry: Entry = {
      type: 'approval.decided',
      id,
      session: stageSession,
      at,
      body: {
        approval,
        decision: 'approve',
        by: '@rita:localhost',
        at,
        via: 'reply',
        eventId: '$decision',
        room: stageAdminRoom,
        powerLevel: 50,
        text: null,
        edit: null,
        ...body,
      },
    };
    return publisher.publish('inbound', entry);
  };
  let said = 0;
  return {
    redis,
    keys,
    partition,
    calls,
    worker,
    startWorker,
    publisher,
    entries,
    decide,
    say: (text: string) => publisher.publish('inbound', messageEntry(said++, { text })),
    /** Waits for the nth output (1-based) of this type. */
    output: <T extends EntryType>(stream: StreamName, type: T, nth = 1): Promise<EntryOf<T>> =>
      eventually(async () => (await entries(stream, type))[nth - 1], { what: `${type} number ${nth}` }),
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      redis.disconnect();
    },
  };
}
