import type { CryptoDevice } from '#crypto/crypto-device';
import { readDecrypted, readUndecryptable } from '#matrix/read-decrypted';
import { type DecodedEvent, type RoomEvent, readRoomEvent } from '#matrix/room-event';
import { type CiphertextQueue, type Queued, queueStart } from './ciphertext-queue.ts';
import { createWaitingLanes, type WaitingLanes } from './waiting-lanes.ts';

export interface OpenerDeps {
  readonly device: Pick<CryptoDevice, 'decrypt'>;
  readonly queue: Pick<CiphertextQueue, 'read' | 'readOne'>;
  readonly keyWaitMs: number;
  readonly batchSize?: number;
  /** How many events may wait for keys; beyond it the oldest make way. */
  readonly maxWaiting?: number;
}

/** How an event left the queue. */
export type Outcome = 'read' | 'read_late' | 'no_key' | 'unreadable' | 'redacted' | 'repeated';

export interface Opening {
  readonly outcome: Outcome | 'clear';
  /** Its entries in the queue: done once `event` is taken. */
  readonly ids: readonly string[];
  readonly event: RoomEvent | undefined;
}

export interface Batch {
  /** In the order in which they are to be taken. */
  readonly openings: readonly Opening[];
  /** The queue has more that could be had at once. */
  readonly hasMore: boolean;
}

export interface Opener {
  /** Up to where the queue has been read. */
  readonly cursor: () => string;
  readonly waiting: WaitingLanes;
  /** The next events that can be taken. `isRetry` tries again what waits. `now` by Redis' clock, ms. */
  next(now: number, isRetry: boolean): Promise<Batch>;
}

type Encrypted = Extract<DecodedEvent, { kind: 'encrypted' }>;

/**
 * Opens the queue's events in their order. One whose key is late holds back what its sender wrote in the same place;
 * the rest passes. After a rejection it knows no longer where it is: make another one, which begins at the start.
 */
export function createOpener(deps: OpenerDeps): Opener {
  const { device, queue, keyWaitMs, batchSize = 100, maxWaiting = 5_000 } = deps;
  const waiting = createWaitingLanes();
  let cursor = queueStart;

  /** Undefined while it may still become readable. */
  async function open({ id, raw, room, since }: Queued, now: number): Promise<Opening | undefined> {
    const result = await device.decrypt(raw, room);
    if (result.ok) {
      const outcome = waiting.isWaiting(eventIdOf(raw)) ? 'read_late' : 'read';
      return { outcome, ids: [id], event: readDecrypted(raw, room, result) };
    }
    if (result.isLate && now - since < keyWaitMs) return undefined;
    const { reason, isLate } = result;
    const outcome = isLate ? 'no_key' : 'unreadable';
    return { outcome, ids: [id], event: readUndecryptable(raw, room, { reason, isLate }) };
  }

  async function reopen(lane: string, now: number, openings: Opening[]): Promise<void> {
    for (let head = waiting.head(lane); head !== undefined; head = waiting.head(lane)) {
      if (openings.length >= batchSize) return;
      const queued = await queue.readOne(head.id);
      const opening = queued === undefined ? undefined : await open(queued, now);
      if (queued !== undefined && opening === undefined) return;
      waiting.shift(lane);
      if (opening !== undefined) openings.push(opening);
    }
  }

  async function takeEncrypted(queued: Queued, event: Encrypted, now: number): Promise<Opening | undefined> {
    const { id, since } = queued;
    const { eventId } = event;
    if (waiting.isWaiting(eventId)) return { outcome: 'repeated', ids: [id], event: undefined };
    const lane = waiting.laneOf(event);
    const opening = waiting.has(lane) ? undefined : await open(queued, now);
    if (opening === undefined) waiting.add(lane, { id, eventId, since });
    return opening;
  }

  async function take(queued: Queued, now: number): Promise<Opening | undefined> {
    const event = readRoomEvent(queued.raw, queued.room);
    if (event.kind === 'encrypted') return takeEncrypted(queued, event, now);
    const redacted = event.kind === 'redaction' ? waiting.remove(event.redacts) : undefined;
    if (redacted === undefined) return { outcome: 'clear', ids: [queued.id], event };
    return { outcome: 'redacted', ids: [redacted.id, queued.id], event };
  }

  /** Where too many wait, whoever has waited longest is told at once what it would soon be told anyway. */
  async function makeRoom(openings: Opening[]): Promise<void> {
    while (waiting.size > maxWaiting) {
      const since = waiting.oldest();
      const lane = waiting.lanes().find((one) => waiting.head(one)?.since === since);
      if (lane === undefined) return;
      const queued = await queue.readOne(waiting.head(lane)?.id ?? '');
      waiting.shift(lane);
      if (queued === undefined) continue;
      const reason = 'its key did not come, and too many messages wait for keys';
      const event = readUndecryptable(queued.raw, queued.room, { reason, isLate: true });
      openings.push({ outcome: 'no_key', ids: [queued.id], event });
    }
  }

  return {
    cursor: () => cursor,
    waiting,
    next: async (now, isRetry) => {
      const openings: Opening[] = [];
      for (const lane of isRetry ? waiting.lanes() : []) await reopen(lane, now, openings);
      const queued = openings.length < batchSize ? await queue.read(cursor, batchSize) : [];
      for (const one of queued) {
        cursor = one.id;
        const opening = await take(one, now);
        if (opening !== undefined) openings.push(opening);
      }
      await makeRoom(openings);
      return { openings, hasMore: queued.length === batchSize || openings.length >= batchSize };
    },
  };
}

function eventIdOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null && 'event_id' in raw ? String(raw.event_id) : '';
}
