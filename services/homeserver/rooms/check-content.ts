import { isContent } from '../content.ts';
import { badJson, MatrixError } from '../errors.ts';
import type { EventDraft } from './event-draft.ts';

/** Refuses what no room takes: numbers that canonical JSON cannot hold, and messages without text or kind. */
export function checkContent(draft: EventDraft): void {
  checkNumbers(draft.content);
  if (draft.type !== 'm.room.message' || draft.stateKey !== undefined) return;
  for (const field of ['body', 'msgtype']) {
    if (typeof draft.content[field] === 'string') continue;
    throw new MatrixError(400, 'M_UNKNOWN', `'${field}' not in content`);
  }
}

function checkNumbers(value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw badJson('Bad JSON value: float');
    if (!Number.isSafeInteger(value)) throw badJson('JSON integer out of range');
  } else if (Array.isArray(value)) {
    value.forEach(checkNumbers);
  } else if (isContent(value)) {
    Object.values(value).forEach(checkNumbers);
  }
}
