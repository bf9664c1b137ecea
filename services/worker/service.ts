import type { Logger } from 'pino';
import { createConversation } from '#agents/conversation/create-conversation';
import { createRedisProcedures } from '#agents/conversation/create-redis-procedures';
import type { GraphVersions } from '#agents/conversation/graph-version';
import { graphVersions } from '#agents/conversation/graph-versions';
import { createAgentMetrics } from '#agents/observed/agent-metrics';
import { observeActions } from '#agents/observed/observe-actions';
import { openOfficialSaver } from '#checkpoint/official-saver';
import type { Approval } from '#contract/approval';
import { parseSessionId } from '#contract/session-id';
import { createRoomMoves } from '#operations/rooms/room-moves';
import { watchSwitches } from '#operations/switches/watch-switches';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { ConfigError } from '#runtime/errors';
import { HealthServer } from '#runtime/health-server';
import { openTracing } from '#runtime/open-tracing';
import type { Service } from '#runtime/run-service';
import { newTrace } from '#runtime/trace';
import { type Consumer, createConsumer } from '#streams/create-consumer';
import { openTransport, type Transport } from '#streams/open-transport';
import type { Lost } from '#streams/partition-reader';
import { createStreamMetrics } from '#streams/stream-metrics';
import { type RecordDeps, readApproval } from './approvals/approval-record.ts';
import { openDesks } from './desks/open-desks.ts';
import { commonVersion, memberOf } from './member-version.ts';
import { createForgetTurns } from './turns/forget-turns.ts';
import { openLongSeal } from './turns/small-records.ts';
import { takeTurn } from './turns/take-turn.ts';
import { tellDead } from './turns/tell-dead.ts';
import { createTurnSavers, type SaverDeps, type SaversFor, unbufferedSavers } from './turns/turn-savers.ts';
import { watchWorker } from './watch-worker.ts';
import type { WorkerConfig } from './worker-config.ts';
import { countTurns, createWorkerMetrics } from './worker-metrics.ts';

/** One worker: takes the turns of its share of the partitions, with the versions of the graph that it is given. */
export function createWorkerService(
  config: WorkerConfig,
  log: Logger,
  versions: GraphVersions = graphVersions,
): Service {
  const stack = new AsyncDisposableStack();
  return {
    log,
    start: (signal) => start(config, log, signal, { stack, versions }),
    stop: () => stack.disposeAsync(),
  };
}

async function start(
  config: WorkerConfig,
  log: Logger,
  signal: AbortSignal,
  { stack, versions }: { stack: AsyncDisposableStack; versions: GraphVersions },
): Promise<void> {
  const { adminRoom } = config.approvals;
  const { turns } = config;
  const metrics = createMetrics({ service: 'worker' });
  const progress = createProgress();
  const transport = stack.use(
    await openTransport(config, { name: 'worker', slot: config.SLOT, log, signal }),
  );
  const tracing = stack.use(await openTracing({ ...config.tracing, service: 'worker', log, metrics }));
  const switches = stack.use(await watchSwitches({ transport, log, signal }));
  const observer = { metrics: createAgentMetrics(metrics), tracing };
  const desks = stack.use(await openDesks(config, transport, { log, signal, switches, observer }));
  const procedures = createRedisProcedures({ ...transport, key: transport.keys.procedures() });
  const conversation = createConversation({
    ...{ desks, procedures, tools: desks.tools, breakers: desks.breakers, switches, versions },
    target: () => commonVersion(consumer.members()),
  });
  const sealLong = await openLongSeal(transport, turns.smallRecords, () => consumer.members());
  const turnDeps = {
    ...transport,
    openBody: transport.openOwn,
    sealLong,
    ...conversation,
    actions: observeActions(conversation.actions, desks.tools, observer),
    switches,
    messages: () => desks.current().playbook.policies.messages,
    forgetTurns: createForgetTurns(transport, () => desks.current().memory),
    adminRoom,
    moves: createRoomMoves(transport),
    sessionTtlMs: turns.sessionTtlMs,
    log,
    saversFor: await openSavers(config, { ...transport, sealLong, held: () => consumer.held() }, log, stack),
  };
  const workerMetrics = createWorkerMetrics(metrics);
  const readRecord = (partition: number, id: string) => readOrNone(turnDeps, partition, id);
  const watch = progress.watch('inbound', { stalledAfterMs: 30_000 });
  const member = memberOf(transport.member, versions.at(-1)?.version ?? 1);
  const consumer = createConsumer({
    ...transport,
    member,
    group: 'graph',
    streams: ['inbound'],
    concurrency: turns.concurrency,
    shareConcurrency: turns.roomConcurrency,
    handle: countTurns((delivery) => takeTurn(turnDeps, delivery), workerMetrics, readRecord),
    traced: { name: 'turn', tracing },
    laneOf: (entry) => entry.session,
    shareOf: (entry) => parseSessionId(entry.session)?.room ?? '',
    onDead: tellDead,
    onLost: (lost) => tellLost(transport, lost, log),
    log,
    metrics: createStreamMetrics(metrics.registry),
    beat: watch.beat,
    leaseMs: turns.leaseMs,
    maxAttempts: turns.maxAttempts,
  });
  const checks = { redis: transport.ping, partitions: () => requireMembership(consumer) };
  const { registry } = metrics;
  const health = new HealthServer({ ...config.health, progress, checks, registry, log });
  await health.start();
  stack.use(health);
  await consumer.start();
  stack.defer(() => consumer.stop());
  watchWorker(
    { metrics, workerMetrics, transport, desks, switches, consumer, readApproval: readRecord, log },
    signal,
  );
  const { version } = desks.current().playbook;
  log.info({ playbook: version.slice(0, 12), model: config.model.provider }, 'worker is taking turns');
}

/** For metrics alone: what cannot be read is somebody else's to tell. */
async function readOrNone(deps: RecordDeps, partition: number, id: string): Promise<Approval | undefined> {
  try {
    return (await readApproval(deps, partition, id))?.approval;
  } catch {
    return undefined;
  }
}

async function openSavers(
  config: WorkerConfig,
  deps: Omit<SaverDeps, 'sessionTtlMs'>,
  log: Logger,
  stack: AsyncDisposableStack,
): Promise<SaversFor> {
  const { checkpointer, sessionTtlMs } = config.turns;
  if (checkpointer === 'redis') return createTurnSavers({ ...deps, sessionTtlMs });
  const official = stack.use(await openOfficialSaver({ url: urlOf(config), ttlMs: sessionTtlMs }));
  log.warn(official.lostGuarantee);
  return unbufferedSavers(official.saver);
}

/** The official saver opens its own connection, to one Redis. */
function urlOf({ redis: { connection } }: WorkerConfig): string {
  if (connection.form !== 'single') {
    const problem = 'is redis-stack, which works with one Redis only';
    const remedy = 'Set it to redis, or REDIS_URL in place of Sentinel or Cluster';
    throw new ConfigError([{ name: 'CHECKPOINTER', problem, remedy }]);
  }
  const url = new URL(`${connection.tls ? 'rediss' : 'redis'}://${connection.address.host}`);
  url.port = String(connection.address.port);
  url.pathname = String(connection.database);
  url.username = connection.username ?? '';
  url.password = connection.password ?? '';
  return url.href;
}

/** A worker beyond the number of partitions has nothing to hold, and is ready all the same. */
async function requireMembership(consumer: Consumer): Promise<void> {
  if (!consumer.isMember()) throw new Error('not in the consumer group yet');
}

/** Somebody deleted an entry by hand: the conversation that it belonged to is told. */
function tellLost(transport: Transport, lost: Lost, log: Logger): void {
  log.error(lost, 'an accepted entry was deleted from its stream before it was handled');
  if (lost.session === '') return;
  const entry = {
    type: 'turn.failed',
    id: `lost:${lost.entryId}`,
    session: lost.session,
    turn: `lost:${lost.entryId}`,
    at: new Date().toISOString(),
    trace: newTrace(),
    body: {
      replyTo: null,
      reason: 'lost',
      text: 'Sorry, one of your messages was lost on our side before it was handled. Please send it again.',
    },
  } as const;
  transport.publisher.publish('outbound', entry).catch((error: unknown) => {
    log.error({ err: error, ...lost }, 'the conversation could not be told of its lost message');
  });
}
