import { groups, readLeases } from '#operations/streams/read-leases';
import { readerOf, readStreamStates, type StreamState } from '#operations/streams/read-stream-states';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { formatDuration } from '../cli/format-duration.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const slowMs = 60_000;
const stuckMs = 10 * 60_000;
/** Which service to start for a group. */
const serviceOf = { graph: 'worker', egress: 'egress', clock: 'clock' } as const;

/** The streams, their groups, and who works on them. */
export async function checkStreams(transport: Transport): Promise<Finding[]> {
  const now = await redisNow(transport.redis);
  const states = await readStreamStates(transport);
  return [
    checkKeys(transport, states),
    checkGroups(states),
    checkBacklog(states, now),
    ...(await checkLeases(transport, now)),
    checkDead(states),
  ];
}

function checkKeys({ keys }: Transport, states: readonly StreamState[]): Finding {
  const wrong = states.filter(({ state }) => state === 'wrong type');
  const [first] = wrong;
  if (first === undefined)
    return ok('Streams', `${states.filter(({ state }) => state === 'ok').length} in use`);
  const key = keys.stream(first.partition, first.stream);
  return fail(
    'Streams',
    `${wrong.length} keys are no streams, e.g. ${key}`,
    `Somebody wrote there by hand. Look with "TYPE ${key}", move it away with RENAME`,
  );
}

function checkGroups(states: readonly StreamState[]): Finding {
  const missing = states.filter(
    ({ stream, state, group }) => state === 'ok' && stream !== 'dead' && group === null,
  );
  const [first] = missing;
  if (first === undefined || first.stream === 'dead')
    return ok('Groups', 'every stream in use has its group');
  const service = serviceOf[readerOf[first.stream]];
  return warn(
    'Groups',
    `${missing.length} streams have no group, e.g. ${first.stream} of partition ${first.partition}`,
    `The ${service} makes it when it reads: see that one runs`,
  );
}

function checkBacklog(states: readonly StreamState[], now: number): Finding {
  const withGroup = states.flatMap(({ partition, stream, group }) =>
    group === null ? [] : [{ partition, stream, ...group }],
  );
  const count = withGroup.reduce((sum, { lag, pending }) => sum + (lag ?? 0) + pending, 0);
  const oldest = withGroup
    .filter(({ oldestAt }) => oldestAt !== null)
    .sort((a, b) => (a.oldestAt ?? 0) - (b.oldestAt ?? 0))[0];
  if (oldest === undefined || oldest.oldestAt === null) return ok('Backlog', 'nothing waits');
  const ageMs = now - oldest.oldestAt;
  const says = `${count} entries wait, the oldest for ${formatDuration(ageMs)} (${oldest.stream} of partition ${oldest.partition})`;
  if (ageMs < slowMs) return ok('Backlog', says);
  const mend = `See the log of the ${serviceOf[oldest.name]}; start more of them where they are busy`;
  return ageMs < stuckMs ? warn('Backlog', says, mend) : fail('Backlog', says, mend);
}

async function checkLeases(transport: Transport, now: number): Promise<Finding[]> {
  const leases = await readLeases(transport, now);
  return Promise.all(
    groups.map(async (group) => {
      const check = `Leases of ${serviceOf[group]}`;
      const own = leases.filter((lease) => lease.group === group);
      const held = own.filter(({ owner }) => owner !== null);
      const beats = await transport.redis.zrange(transport.keys.members(group), '0', '-1', 'WITHSCORES');
      const members = beats.flatMap((member, index) =>
        index % 2 === 0
          ? [
              `${member} (${held.filter(({ owner }) => owner === member).length}, seen ${formatDuration(now - Number(beats[index + 1]))} ago)`,
            ]
          : [],
      );
      const says = `${held.length} of ${own.length} partitions are held${members.length > 0 ? `: ${members.join(', ')}` : ''}`;
      if (held.length === own.length) return ok(check, says);
      const mend = `Start ${serviceOf[group]}, or look at its log; a partition without an owner stands still`;
      return held.length === 0
        ? fail(check, says, mend)
        : warn(check, says, `${mend}. Right after a start or stop this ends within 10 s`);
    }),
  );
}

function checkDead(states: readonly StreamState[]): Finding {
  const count = states.filter(({ stream }) => stream === 'dead').reduce((sum, { length }) => sum + length, 0);
  if (count === 0) return ok('Dead letters', 'none');
  return warn(
    'Dead letters',
    `${count} entries were given up`,
    'See "vagent dead list", then replay or drop them',
  );
}
