import type { PlaybookFiles } from './playbook-files.ts';
import { readDialogues } from './read-dialogues.ts';

const most = 6;
const longest = 90;

/**
 * Messages to try a playbook with, out of its own conversation tests: what begins a flow, one for each, and a question. None
 * where there are no tests, or they cannot be read: `vagent playbook check` says why.
 */
export function suggestMessages(files: PlaybookFiles): readonly string[] {
  const byWish = new Map<string, string>();
  for (const { turns } of readSafely(files)) {
    for (const { user, understood } of turns) {
      const [command] = understood ?? [];
      if (user === undefined || user.length > longest || command === undefined) continue;
      const isQuestion = command.command === 'digress' && command.digression === 'question';
      const wish =
        command.command === 'start_flow'
          ? (command.flow ?? undefined)
          : isQuestion
            ? 'a question'
            : undefined;
      if (wish !== undefined && !byWish.has(wish)) byWish.set(wish, user.trim());
    }
  }
  return [...byWish.values()].slice(0, most);
}

function readSafely(files: PlaybookFiles): ReturnType<typeof readDialogues> {
  try {
    return readDialogues(files);
  } catch {
    return [];
  }
}
