import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { NotFoundError } from '#operations/errors';
import { readMembers } from '#operations/gateway/read-members';
import { type LeaseState, readLeases } from '#operations/streams/read-leases';
import { readStreamStates, type StreamState } from '#operations/streams/read-stream-states';
import { redisNow } from '#streams/redis-now';
import { memberList, partitionList, playbook } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';

type SystemDeps = Pick<RouteDeps, 'transport' | 'authentication' | 'log'>;
type Partition = z.output<typeof partitionList>['partitions'][number];

/** How the system stands: its partitions, who works on them, and the playbook they work by. */
export function systemRoutes(server: FastifyInstance, { transport, authentication, log }: SystemDeps): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('viewer');

  app.get('/api/v1/partitions', { preValidation, schema: { response: { 200: partitionList } } }, async () => {
    const now = await redisNow(transport.redis);
    const [states, leases] = await Promise.all([readStreamStates(transport), readLeases(transport, now)]);
    const partitions = Array.from({ length: transport.partitions }, (_, partition) =>
      toPartition(partition, states, leases),
    );
    return { now: new Date(now).toISOString(), partitions };
  });

  app.get('/api/v1/workers', { preValidation, schema: { response: { 200: memberList } } }, async () => {
    const now = await redisNow(transport.redis);
    return { now: new Date(now).toISOString(), members: await readMembers(transport, now) };
  });

  app.get('/api/v1/playbook', { preValidation, schema: { response: { 200: playbook } } }, async () => {
    const written = await transport.redis.get(transport.keys.playbookCurrent());
    if (written === null) throw new NotFoundError('No worker has told yet which playbook it works by');
    const read = readPlaybook(written);
    if (read !== undefined) return read;
    log.warn({ key: transport.keys.playbookCurrent() }, 'The outline of the playbook cannot be read');
    throw new NotFoundError(
      'What workers told of their playbook cannot be read: they are of another version',
    );
  });
}

function toPartition(
  partition: number,
  states: readonly StreamState[],
  leases: readonly LeaseState[],
): Partition {
  return {
    partition,
    streams: states
      .filter((state) => state.partition === partition)
      .map(({ stream, state, length, group }) => ({
        stream,
        state,
        length,
        lag: group?.lag ?? null,
        pending: group?.pending ?? 0,
        oldestAt: group?.oldestAt == null ? null : new Date(group.oldestAt).toISOString(),
      })),
    leases: leases
      .filter((lease) => lease.partition === partition)
      .map(({ group, owner, epoch, leftMs }) => ({ group, owner, epoch, leftMs })),
  };
}

function readPlaybook(written: string): z.output<typeof playbook> | undefined {
  try {
    return playbook.safeParse(JSON.parse(written)).data;
  } catch {
    return undefined;
  }
}
