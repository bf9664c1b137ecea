import type { System } from '../../tests/support/start-system.ts';
import { readRoom, relationOf } from '../../tests/support/system-timeline.ts';

/** As reviewers write it here, always with the code of a prompt that they have seen. */
const command = /^!vagent \w+ [0-9A-Z]{6}$/;

/**
 * Losses that the checker of the rooms cannot tell in every system: an approval that waits and was never asked in the
 * admin room, and a command of a reviewer that nobody answered there.
 */
export async function findUnheard(system: System): Promise<string[]> {
  const tracked = system.rooms.find(({ kind }) => kind === 'admin');
  if (tracked === undefined) return [];
  const { events, said } = await readRoom(tracked, system.botId);
  const asked = new Set(said.flatMap(({ vagent }) => (vagent.kind === 'approval' ? [vagent.approval] : [])));
  const answered = new Set(said.flatMap(({ event, vagent }) => [vagent.turn, relationOf(event).replyTo]));
  const unasked: string[] = [];
  for (let partition = 0; partition < system.partitions; partition += 1) {
    for (const id of await system.redis.hvals(system.keys.openApprovals(partition))) {
      if (!asked.has(id)) unasked.push(`I1 approval ${id} waits, and nobody was asked`);
    }
  }
  const unanswered = events
    .filter(({ content }) => command.test(String(content['body'])))
    .filter(({ event_id }) => !answered.has(event_id))
    .map(({ event_id, content }) => `I1 the command ${event_id} (${content['body']}) was never answered`);
  return [...unasked, ...unanswered];
}
