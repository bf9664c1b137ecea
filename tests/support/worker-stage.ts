import { Redis } from 'ioredis';
import pino from 'pino';
import { z } from 'zod';
import type { TurnOptions } from '#agents/conversation/build-conversation-graph';
import { createConversation, type VersionDeps } from '#agents/conversation/create-conversation';
import type { TurnInput, TurnOutput } from '#agents/conversation/turn';
import { createLocalStores } from '#agents/desk/create-local-stores';
import { openLocalConversation } from '#agents/desk/open-local-conversation';
import { createTools } from '#agents/tools/create-tools';
import type { Tool } from '#agents/tools/tool';
import type { EntryType, StreamName } from '#contract/bodies';
import { decodeEntry, type Entry, type EntryOf } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { nothingSwitchedOff } from '#operations/switches/switch';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Playbook } from '#playbook/playbook';
import type { MessagePolicy, ToolPolicy } from '#playbook/policies';
import { createPublisher } from '#streams/publish';
import { createForgetTurns } from '../../services/worker/turns/forget-turns.ts';
import { takeTurn } from '../../services/worker/turns/take-turn.ts';
import { tellDead } from '../../services/worker/turns/tell-dead.ts';
import type { TurnDeps } from '../../services/worker/turns/turn-deps.ts';
import { createTurnSavers } from '../../services/worker/turns/turn-savers.ts';
import { eventually } from './eventually.ts';
import { redisAt } from './redis-at.ts';
import { messageEntry, startTestConsumer, type TestConsumer } from './test-consumer.ts';
import { uniquePrefix } from './unique-prefix.ts';

export const stageSession = '!room:localhost:main:@ana:localhost';
export const stageAdminRoom = '!admin:localhost';
const partition = partitionOf(stageSession, 4);
const playbookDir = new URL('../../services/worker/playbook', import.meta.url).pathname;

export interface StageOptions {
  readonly messages?: Partial<MessagePolicy>;
  readonly policy?: Partial<ToolPolicy['policy']>;
  readonly expiresInSeconds?: number;
  readonly moves?: Pick<RoomMoves, 'currentOf'>;
  readonly isRepeatable?: boolean;
  /** Runs before each turn of the conversation, as a model that takes its time; what it throws, the turn throws. */
  readonly onTurn?: (input: TurnInput, options: TurnOptions) => Promise<void>;
  /** What a turn of the conversation comes to besides, such as a check for later. */
  readonly addToTurn?: (input: TurnInput) => Partial<TurnOutput>;
  /** Runs in the tool, after it has counted its call. */
  readonly onTool?: (calls: number) => void;
}

/** Workers in this process around the real graphs, without Matrix: facts go in, stream entries come out. */
export async function startWorkerStage(redisUrl: string, options: StageOptions = {}) {
  const redis = new Redis(redisUrl);
  const prefix = uniquePrefix('worker');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const loaded = await loadPlaybook(playbookDir, { reviewers: ['@rita:localhost', '@ron:localhost'] });
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
  const others = createTools({ recordsUrl: undefined }).filter(({ name }) => name !== tool.name);
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const conversation = await openLocalConversation(withPolicy(loaded, options), {
    model: () => undefined,
    modelName: 'offline',
    tools: [...others, tool],
    stores: createLocalStores(),
    env: {},
    log,
    signal: new AbortController().signal,
  });
  const plain = (text: string) => text;
  const turnDeps = {
    redis,
    keys,
    sealBody: plain,
    openBody: plain,
    ...conversation,
    saversFor: createTurnSavers({ redis, keys, sessionTtlMs: 60_000, sealBody: plain, openBody: plain }),
    switches: nothingSwitchedOff,
    forgetTurns: createForgetTurns({ redis, keys }, () => conversation.desk.memory),
    messages: () => ({ ...loaded.policies.messages, ...options.messages }),
    adminRoom: stageAdminRoom,
    moves: options.moves ?? { currentOf: async (room: string) => room },
    sessionTtlMs: 60_000,
    log,
  };
  const startWorker = (member: string, release?: VersionDeps): Promise<TestConsumer> => {
    const graphs =
      release && createConversation({ ...conversation.deps, tools: conversation.tools, ...release });
    const { takeTurn: takeTurnOfGraph } = (graphs ?? conversation).conversation;
    const slow: TurnDeps['conversation'] = {
      takeTurn: async (input, at) => {
        await options.onTurn?.(input, at);
        return { ...(await takeTurnOfGraph(input, at)), ...options.addToTurn?.(input) };
      },
      rewrite: (graphs ?? conversation).conversation.rewrite,
    };
    return startTestConsumer(redisAt(redisUrl), prefix, member, {
      handle: (delivery) => takeTurn({ ...turnDeps, ...graphs, conversation: slow }, delivery),
      onDead: tellDead,
    });
  };
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
      await conversation[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}

function withPolicy(playbook: Playbook, options: StageOptions): Playbook {
  const found = playbook.toolPolicies.get('delete_records');
  if (found === undefined) throw new Error('no policy for delete_records');
  const expiresInSeconds = options.expiresInSeconds ?? found.expiresInSeconds;
  const changed = { ...found, expiresInSeconds, policy: { ...found.policy, ...options.policy } };
  return { ...playbook, toolPolicies: new Map(playbook.toolPolicies).set('delete_records', changed) };
}
