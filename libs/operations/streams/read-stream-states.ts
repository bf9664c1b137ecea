import { z } from 'zod';
import { type StreamName, streamTypes } from '#contract/bodies';
import type { Group } from '#contract/keys';
import type { Transport } from '#streams/open-transport';
import { redisErrorCode } from '#streams/script';
import { entryTime } from './entry-time.ts';

export interface StreamState {
  readonly partition: number;
  readonly stream: StreamName | 'dead';
  /** `missing`: no such key yet. `wrong type`: somebody put something else there. */
  readonly state: 'ok' | 'missing' | 'wrong type';
  readonly length: number;
  /** Of the group that reads the stream; null for dead letters, and where the group is missing. */
  readonly group: GroupState | null;
}

export interface GroupState {
  readonly name: Group;
  readonly pending: number;
  /** Entries that were not delivered yet; null where Redis cannot tell. */
  readonly lag: number | null;
  /** When the oldest entry without an outcome was appended; null where there is none. */
  readonly oldestAt: number | null;
}

/** Which group must be at each stream. */
export const readerOf: Readonly<Record<StreamName, Group>> = {
  inbound: 'graph',
  outbound: 'egress',
  approvals: 'egress',
  timers: 'clock',
};

const streams = [...(Object.keys(streamTypes) as StreamName[]), 'dead'] as const;
const groupFields = z.object({
  name: z.string(),
  pending: z.number(),
  'last-delivered-id': z.string(),
  lag: z.number().nullable(),
});
type GroupFields = z.infer<typeof groupFields>;

/** The state of every stream, partition by partition. */
export async function readStreamStates(transport: Transport): Promise<StreamState[]> {
  const partitions = Array.from({ length: transport.partitions }, (_, partition) => partition);
  const states = await Promise.all(
    partitions.flatMap((partition) => streams.map((stream) => readState(transport, partition, stream))),
  );
  return states;
}

async function readState(
  { redis, keys }: Transport,
  partition: number,
  stream: StreamName | 'dead',
): Promise<StreamState> {
  const key = keys.stream(partition, stream);
  const empty = { partition, stream, length: 0, group: null };
  try {
    if ((await redis.exists(key)) === 0) return { ...empty, state: 'missing' };
    const length = await redis.xlen(key);
    if (stream === 'dead') return { ...empty, state: 'ok', length };
    const groups = parseGroups(await redis.xinfo('GROUPS', key));
    const found = groups.find(({ name }) => name === readerOf[stream]);
    const group = found === undefined ? null : await groupState(redis, key, found, readerOf[stream]);
    return { ...empty, state: 'ok', length, group };
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    return { ...empty, state: 'wrong type' };
  }
}

async function groupState(
  redis: Transport['redis'],
  key: string,
  group: GroupFields,
  name: Group,
): Promise<GroupState> {
  const oldestPending =
    group.pending === 0 ? undefined : z.string().safeParse((await redis.xpending(key, name))[1]).data;
  const [next] = await redis.xrange(key, `(${group['last-delivered-id']}`, '+', 'COUNT', 1);
  const ids = [oldestPending, next?.[0]].filter((id) => id !== undefined);
  const oldestAt = ids.length === 0 ? null : Math.min(...ids.map(entryTime));
  return { name, pending: group.pending, lag: group.lag, oldestAt };
}

/** XINFO answers each group as a flat list of names and values. */
function parseGroups(reply: unknown): GroupFields[] {
  return z
    .array(z.array(z.unknown()))
    .parse(reply)
    .map((flat) => {
      const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []));
      return groupFields.parse(Object.fromEntries(pairs));
    });
}
