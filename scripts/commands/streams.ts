import { type LeaseState, readLeases } from '#operations/streams/read-leases';
import { readStreamStates, type StreamState } from '#operations/streams/read-stream-states';
import { redisNow } from '#streams/redis-now';
import type { Command } from '../cli/command.ts';
import { formatDuration } from '../cli/format-duration.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';

const usage = `Usage: vagent streams [--all] [--json]

Every stream with its length, what its group has not read yet (lag), what it has read and not finished (pending), the
age of the oldest entry without an outcome, and who holds the partition's lease under which epoch.

  --all    also streams that are empty
  --json   one JSON object per stream and line
`;

export const streams: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    const now = await redisNow(transport.redis);
    const [states, leases] = await Promise.all([readStreamStates(transport), readLeases(transport, now)]);
    const shown = states.filter(({ state, length }) => values.all || state === 'wrong type' || length > 0);
    const rows = shown.map((state) => ({ ...state, lease: leaseOf(state, leases) }));
    if (values.json) {
      terminal.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      return 0;
    }
    if (rows.length === 0) {
      terminal.stdout.write('All streams are empty.\n');
      return 0;
    }
    const heading = ['partition', 'stream', 'length', 'group', 'lag', 'pending', 'oldest', 'lease', 'epoch'];
    terminal.stdout.write(
      formatTable(
        heading,
        rows.map((row) => toCells(row, now)),
        paintFor(terminal),
      ),
    );
    return 0;
  },
};

type Row = StreamState & { readonly lease: LeaseState | undefined };

function leaseOf({ partition, group }: StreamState, leases: readonly LeaseState[]): LeaseState | undefined {
  return leases.find((lease) => lease.partition === partition && lease.group === group?.name);
}

function toCells({ partition, stream, state, length, group, lease }: Row, now: number): (string | number)[] {
  if (state === 'wrong type') return [partition, stream, 'not a stream', '', '', '', '', '', ''];
  if (group === null) {
    const note = stream === 'dead' || state === 'missing' ? '' : 'missing';
    return [partition, stream, length, note, '', '', '', '', ''];
  }
  const oldest = group.oldestAt === null ? '' : formatDuration(now - group.oldestAt);
  const owner = lease?.owner ?? 'nobody';
  return [
    partition,
    stream,
    length,
    group.name,
    group.lag ?? '?',
    group.pending,
    oldest,
    owner,
    lease?.epoch ?? 0,
  ];
}
