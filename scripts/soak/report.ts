import type { CheckedSystem } from '../../tests/support/rooms-checker-input.ts';
import { answersTo, readRooms } from '../../tests/support/system-timeline.ts';

export interface Counts {
  readonly messages: number;
  readonly answered: number;
  readonly prompts: number;
  /** From a message to its answer, by the homeserver's clock. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Counts what stands in the rooms. */
export async function countRooms(system: CheckedSystem): Promise<Counts> {
  const rooms = await readRooms(system.rooms, system.botId);
  const waits = rooms.flatMap((room) =>
    room.asked.flatMap((asked) => {
      const [answer] = answersTo(room, asked);
      return answer === undefined ? [] : [answer.event.origin_server_ts - asked.event.origin_server_ts];
    }),
  );
  waits.sort((a, b) => a - b);
  const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)] ?? 0;
  const admin = rooms.find(({ kind }) => kind === 'admin');
  return {
    messages: rooms.reduce((sum, { asked }) => sum + asked.length, 0),
    answered: waits.length,
    prompts: (admin?.said ?? []).filter(
      ({ vagent, edits, event }) =>
        vagent.kind === 'approval' && edits === undefined && event.type === 'm.room.message',
    ).length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}
