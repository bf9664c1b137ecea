import type { StreamName } from '#contract/bodies';

/** The streams of a partition in which a conversation happens, in the order in which a cursor names them. */
export const liveStreams = ['inbound', 'outbound', 'approvals'] as const satisfies readonly StreamName[];

/** The last entry id that was seen of each of `liveStreams`; `0-0` of one that was never seen. */
export type Positions = readonly [inbound: string, outbound: string, approvals: string];

export const beginning: Positions = ['0-0', '0-0', '0-0'];

const entryId = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/;
const highest = '18446744073709551615';

/** @throws {RangeError} for what is no cursor. */
export function parseCursor(text: string): Positions {
  const [inbound, outbound, approvals, ...more] = text.split(',');
  const isCursor = more.length === 0 && [inbound, outbound, approvals].every(isEntryId);
  if (!isCursor) throw new RangeError('This is no cursor: it is the id of a live event, unchanged');
  return [inbound ?? '', outbound ?? '', approvals ?? ''];
}

export function formatCursor(positions: Positions): string {
  return positions.join(',');
}

/** Negative where `a` stands before `b` in a stream. */
export function compareIds(a: string, b: string): number {
  const [aMs = '', aSeq = ''] = a.split('-', 2);
  const [bMs = '', bSeq = ''] = b.split('-', 2);
  return compareDigits(aMs, bMs) || compareDigits(aSeq, bSeq);
}

/** True where nothing of `b` lies behind `a`. */
export function covers(a: Positions, b: Positions): boolean {
  return b.every((id, stream) => compareIds(a[stream] ?? '0-0', id) >= 0);
}

/** The further one in each stream. */
export function furthest(a: Positions, b: Positions): Positions {
  return [further(a[0], b[0]), further(a[1], b[1]), further(a[2], b[2])];
}

/** The nearer one in each stream. */
export function nearest(a: Positions, b: Positions): Positions {
  return [nearer(a[0], b[0]), nearer(a[1], b[1]), nearer(a[2], b[2])];
}

/** The positions with one stream (by its place in `liveStreams`) moved on. */
export function moved(positions: Positions, stream: number, id: string): Positions {
  const [inbound, outbound, approvals] = positions;
  return [stream === 0 ? id : inbound, stream === 1 ? id : outbound, stream === 2 ? id : approvals];
}

function further(a: string, b: string): string {
  return compareIds(a, b) >= 0 ? a : b;
}

function nearer(a: string, b: string): string {
  return compareIds(a, b) <= 0 ? a : b;
}

/** Of numbers without leading zeros, which may be larger than what JavaScript counts exactly. */
function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isEntryId(text: string | undefined): boolean {
  const [, ms = '', sequence = ''] = entryId.exec(text ?? '') ?? [];
  return ms !== '' && compareDigits(ms, highest) <= 0 && compareDigits(sequence, highest) <= 0;
}
