import { setTimeout as sleep } from 'node:timers/promises';
import type { MatrixUser } from '../../tests/support/matrix-user.ts';
import type { System } from '../../tests/support/start-system.ts';
import { readRoom, type Said } from '../../tests/support/system-timeline.ts';
import type { Random } from './create-random.ts';

/**
 * The reviewers: look at the admin room and decide about what they find, in all ways there are; sometimes two at
 * once, sometimes twice, sometimes not at all. Resolves to how many decisions were sent.
 */
export async function review(system: System, random: Random, signal: AbortSignal): Promise<number> {
  const seen = new Set<string>();
  let sent = 0;
  while (!signal.aborted) {
    const admin = system.rooms.find(({ kind }) => kind === 'admin');
    const room = admin && (await readRoom(admin, system.botId));
    const open = (room?.said ?? []).filter(
      ({ vagent, event, edits }) =>
        vagent.kind === 'approval' &&
        edits === undefined &&
        event.type === 'm.room.message' &&
        !seen.has(event.event_id),
    );
    for (const prompt of open) {
      seen.add(prompt.event.event_id);
      if (random.chance(8)) continue;
      const reviewers = random.chance(25) ? system.reviewers.slice(0, 2) : [random.pick(system.reviewers)];
      await Promise.all(reviewers.map((reviewer) => decide(system, reviewer, prompt, random)));
      sent += reviewers.length;
    }
    await sleep(random.between(300, 900), undefined, { signal }).catch(() => undefined);
  }
  return sent;
}

async function decide(
  { adminRoom }: System,
  reviewer: MatrixUser,
  { event, vagent }: Said,
  random: Random,
): Promise<void> {
  const id = event.event_id;
  const code = (vagent.approval ?? '').slice(0, 6);
  const dice = random.between(1, 100);
  if (dice <= 30) await reviewer.react(adminRoom, id, '✅');
  else if (dice <= 50) await reviewer.reply(adminRoom, id, 'approve');
  else if (dice <= 60) await reviewer.say(adminRoom, `!vagent approve ${code}`);
  else if (dice <= 70) await reviewer.reply(adminRoom, id, `edit {"project": "edited-${code}"}`);
  else if (dice <= 80) await reviewer.react(adminRoom, id, '❌');
  else if (dice <= 90) await reviewer.reply(adminRoom, id, 'reject because it is a soak');
  else await reviewer.reply(adminRoom, id, 'Ask me again tomorrow');
}
