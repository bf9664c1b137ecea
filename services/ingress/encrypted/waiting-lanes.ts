import type { DecodedEvent } from '#matrix/room-event';

/** One that waits: its place in the queue, what it is, and since when (ms by Redis' clock). */
export interface Waiting {
  readonly id: string;
  readonly eventId: string;
  readonly since: number;
}

type Encrypted = Extract<DecodedEvent, { kind: 'encrypted' }>;

/**
 * What waits for keys, in lanes: what one person writes in one place stays in order, everybody else passes. Holds places
 * in the queue, not the events themselves.
 */
export interface WaitingLanes {
  readonly size: number;
  /** Since when the oldest has waited; undefined where none waits. */
  oldest(): number | undefined;
  laneOf(event: Encrypted): string;
  has(lane: string): boolean;
  isWaiting(eventId: string): boolean;
  add(lane: string, waiting: Waiting): void;
  lanes(): string[];
  head(lane: string): Waiting | undefined;
  shift(lane: string): void;
  /** Takes an event out, wherever it waits. */
  remove(eventId: string): Waiting | undefined;
}

export function createWaitingLanes(): WaitingLanes {
  const lanes = new Map<string, Waiting[]>();
  /** Event id -> lane. */
  const laneOfEvent = new Map<string, string>();

  function drop(lane: string, at: number): Waiting | undefined {
    const all = lanes.get(lane) ?? [];
    const [gone] = all.splice(at, 1);
    if (gone !== undefined) laneOfEvent.delete(gone.eventId);
    if (all.length === 0) lanes.delete(lane);
    return gone;
  }

  return {
    get size() {
      return laneOfEvent.size;
    },
    // Heads are the oldest of their lanes.
    oldest: () => [...lanes.values()].reduce(earlier, undefined),
    laneOf({ room, sender, thread, edits }) {
      const own = JSON.stringify([room, sender, edits ?? thread]);
      // An edit comes behind what it edits; relations are all that can be seen of it. Nobody edits what another one wrote,
      // nor holds it up.
      const target = edits === null ? undefined : laneOfEvent.get(edits);
      const isOfSender = target?.startsWith(`${JSON.stringify([room, sender]).slice(0, -1)},`);
      return target !== undefined && isOfSender === true ? target : own;
    },
    has: (lane) => lanes.has(lane),
    isWaiting: (eventId) => laneOfEvent.has(eventId),
    add(lane, waiting) {
      const all = lanes.get(lane) ?? [];
      all.push(waiting);
      lanes.set(lane, all);
      laneOfEvent.set(waiting.eventId, lane);
    },
    lanes: () => [...lanes.keys()],
    head: (lane) => lanes.get(lane)?.[0],
    shift: (lane) => void drop(lane, 0),
    remove(eventId) {
      const lane = laneOfEvent.get(eventId);
      if (lane === undefined) return undefined;
      return drop(lane, lanes.get(lane)?.findIndex((one) => one.eventId === eventId) ?? -1);
    },
  };
}

function earlier(oldest: number | undefined, [head]: readonly Waiting[]): number | undefined {
  return head === undefined ? oldest : Math.min(oldest ?? head.since, head.since);
}
