import { type Positions, parseCursor } from './cursor.ts';

/** How far a cursor may be ahead of this machine's clock, which need not be the one of Redis. */
const aheadMs = 60 * 60_000;

/** @throws {RangeError} for what is no cursor, and for one that nothing would ever come behind. */
export function pastCursor(text: string): Positions {
  const positions = parseCursor(text);
  const latest = Date.now() + aheadMs;
  const isAhead = positions.some((id) => Number(id.split('-', 1)[0]) > latest);
  if (isAhead) throw new RangeError('This cursor is in the future: follow without one, or from an older one');
  return positions;
}
