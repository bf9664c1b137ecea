import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import { lastPosition } from '../rooms/stored-event.ts';

/** Where a client stands: after event `pos`, and after `stream` of receipts, account data and typing. */
export interface Position {
  readonly pos: number;
  readonly stream: number;
}

export const formatPosition = ({ pos, stream }: Position): string => `s${pos}_${stream}`;

/** Place between two events of a timeline. */
export const formatTimelinePosition = (pos: number): string => `t${pos}`;

/** Reads a token of /sync or /messages; throws 400 with `complaint` on any other text. */
export function parsePosition(token: string, complaint = 'Invalid stream token'): Position {
  const match = /^(?:s(\d+)_(\d+)|t(\d+))$/.exec(token);
  if (match === null) throw new MatrixError(400, 'M_UNKNOWN', complaint);
  return { pos: Number(match[1] ?? match[3]), stream: Number(match[2] ?? 0) };
}

export function currentPosition(context: Context): Position {
  const stream =
    context.database.get<{ value: number }>(`SELECT value FROM streams WHERE name = 'edu'`)?.value ?? 0;
  return { pos: lastPosition(context), stream };
}
