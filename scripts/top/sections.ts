import { approvalCodeOf } from '#contract/approval';
import { parseSessionId } from '#contract/session-id';
import type { Member } from '#operations/gateway/read-members';
import type { Overview } from '#operations/overview/read-overview';
import type { SessionState } from '#operations/sessions/session-state';
import { formatDuration } from '../cli/format-duration.ts';
import { printable } from '../cli/printable.ts';

/** A table of what is to be seen. Cells are printable. */
export interface Section {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Said where there is no row. */
  readonly empty: string;
}

export const sorts = ['lag', 'oldest', 'partition'] as const;
export type Sort = (typeof sorts)[number];

/** The parts of the picture, the most pressing first. */
export function sectionsOf(overview: Overview, sort: Sort): Section[] {
  return [workers(overview), partitions(overview, sort), approvals(overview), sessions(overview)];
}

function workers({ members, at }: Overview): Section {
  const order = ['graph', 'egress', 'clock'];
  const rows = members
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || a.member.localeCompare(b.member))
    .map((one) => [
      serviceOf(one),
      printable(one.member),
      one.partitions.length,
      ranges(one.partitions),
      formatDuration(Math.max(0, at - Date.parse(one.lastSeenAt))),
    ]);
  const heading = ['service', 'process', 'partitions', 'which', 'seen'];
  return {
    title: 'processes',
    heading,
    rows,
    empty: 'Nobody works: no entry is handled until a worker starts',
  };
}

function serviceOf({ group }: Member): string {
  return group === 'graph' ? 'worker' : group;
}

/** `0-3,7`: a few of many. */
function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  let from: number | undefined;
  for (const [index, number] of numbers.entries()) {
    from ??= number;
    if (numbers[index + 1] === number + 1) continue;
    parts.push(from === number ? String(number) : `${from}-${number}`);
    from = undefined;
  }
  const text = parts.join(',');
  return text.length <= 16 ? text : `${text.slice(0, 15)}…`;
}

function partitions({ streams, at }: Overview, sort: Sort): Section {
  const busy = streams.filter(
    ({ state, group, stream, length }) =>
      state === 'wrong type' ||
      (stream === 'dead'
        ? length > 0
        : (group?.pending ?? 0) + (group?.lag ?? 0) > 0 || (group === null && length > 0)),
  );
  const ageOf = (oldestAt: number | null | undefined): number =>
    oldestAt == null ? 0 : Math.max(0, at - oldestAt);
  const rows = busy
    .toSorted((a, b) => {
      if (sort === 'partition') return a.partition - b.partition;
      if (sort === 'oldest') return ageOf(b.group?.oldestAt) - ageOf(a.group?.oldestAt);
      const waits = (one: typeof a): number => (one.group?.lag ?? 0) + (one.group?.pending ?? 0);
      return waits(b) - waits(a) || a.partition - b.partition;
    })
    .map(({ partition, stream, state, group, length }) => [
      partition,
      stream,
      state === 'ok' ? (group?.lag ?? (stream === 'dead' ? '' : '?')) : state,
      group?.pending ?? '',
      group?.oldestAt == null ? '' : formatDuration(ageOf(group.oldestAt)),
      length,
    ]);
  const heading = ['partition', 'stream', 'lag', 'pending', 'oldest', 'length'];
  return {
    title: `partitions with something to do, by ${sort}`,
    heading,
    rows,
    empty: 'Nothing waits anywhere',
  };
}

function approvals({ approvals: open, at }: Overview): Section {
  const rows = open.map(({ id, actions, requester, risk, expiresAt, decided, policy }) => [
    approvalCodeOf(id),
    risk,
    [...new Set(actions.map(({ name }) => printable(name)))].join(', '),
    printable(requester),
    `${decided.length}/${policy.quorum}`,
    countdown(Date.parse(expiresAt) - at),
  ]);
  const heading = ['code', 'risk', 'action', 'requester', 'agreed', 'expires in'];
  return { title: 'approvals that wait', heading, rows, empty: 'Nothing waits for a human' };
}

/** `23:59:07`, or days. */
function countdown(ms: number): string {
  if (ms <= 0) return 'now';
  const s = Math.floor(ms / 1_000);
  if (s >= 2 * 86_400) return `${Math.floor(s / 86_400)} d`;
  const two = (amount: number): string => String(amount).padStart(2, '0');
  return `${two(Math.floor(s / 3_600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

function sessions({ sessions: known, at }: Overview): Section {
  const rows = known.map((one) => {
    const place = parseSessionId(one.session);
    return [
      printable(place?.user ?? one.session),
      standOf(one),
      one.turns,
      formatDuration(Math.max(0, at - Date.parse(one.lastTurnAt))),
      one.partition,
      printable(place === undefined ? '' : `${place.room}${place.thread === null ? '' : ' (thread)'}`),
    ];
  });
  const heading = ['person', 'stands at', 'turns', 'ago', 'p', 'room'];
  return { title: 'conversations, newest first', heading, rows, empty: 'No conversation yet' };
}

function standOf({ conversation_state: state, flow, step, awaiting, parked }: SessionState): string {
  if (state === 'with_person') return 'with a person';
  if (flow !== null)
    return printable(awaiting === null ? `${flow}/${step ?? ''}` : `${flow} asks ${awaiting}`);
  return parked.length > 0 ? printable(`${parked[0]} waits`) : 'idle';
}
