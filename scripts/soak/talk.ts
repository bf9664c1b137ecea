import { setTimeout as sleep } from 'node:timers/promises';
import type { MatrixUser } from '../../tests/support/matrix-user.ts';
import type { System } from '../../tests/support/start-system.ts';
import type { Random } from './create-random.ts';

const questions = [
  'How do I reset my 2FA?',
  'How do I add an SSH key?',
  'What are CI minutes?',
  'Where are my invoices?',
  'Who may delete a project?',
] as const;

/** A place where one person talks with the bot. */
interface Place {
  readonly room: string;
  readonly thread?: string;
  readonly mention?: string;
}

/**
 * One person who goes on writing until the signal: questions, requests that need a reviewer, cancels, in a direct room
 * and in a group with threads. Resolves to how many messages were sent.
 */
export async function talk(
  system: System,
  user: MatrixUser,
  group: string,
  random: Random,
  signal: AbortSignal,
): Promise<number> {
  const mention = system.botId;
  const direct: Place = { room: await system.direct(user) };
  const root = await user.say(group, 'A thread of my own');
  const places = [direct, direct, { room: group, mention }, { room: group, thread: root, mention }] as const;
  let sent = 0;
  while (!signal.aborted) {
    const { room, ...options } = random.pick(places);
    await user.say(room, nextText(user, sent, random), options);
    sent += 1;
    await sleep(random.between(100, 1_200), undefined, { signal }).catch(() => undefined);
  }
  return sent;
}

function nextText(user: MatrixUser, sent: number, random: Random): string {
  const dice = random.between(1, 100);
  if (dice <= 15) {
    const project = `P-${user.userId.slice(1).replace(/:.*/, '')}-${sent}`;
    return `Please delete all records of project ${project}`;
  }
  if (dice <= 18) return 'cancel';
  if (dice <= 25) return 'How does my request stand?';
  if (dice <= 30) return 'thanks';
  return random.pick(questions);
}
