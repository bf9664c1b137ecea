import { isCancel, password, select, text } from '@clack/prompts';
import { CommandError } from '../cli/errors.ts';
import type { Ask } from './open-tabs.ts';

/** Questions in the terminal. Each answer rejects with a `CommandError` when the person cancels. */
export function askInTerminal(): NonNullable<Ask> {
  return {
    text: async (message, placeholder) => answered(await text({ message, placeholder })),
    secret: async (message) => answered(await password({ message })),
    choose: async (message, choices) => answered(await select({ message, options: [...choices] })),
  };
}

function answered(answer: string | symbol | undefined): string {
  if (isCancel(answer) || answer === undefined) throw new CommandError('Nothing was started');
  return String(answer);
}
