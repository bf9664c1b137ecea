import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { nearestWord } from '../cli/nearest-word.ts';

const usage = `Usage: vagent playbook check [--dir D] [--json]
       vagent playbook test …
       vagent playbook evaluate …

Looks after the folder that says what the bot does and knows: PLAYBOOK_DIR, or else the example. "check" tells every
mistake with file, line, column and what to do; "test" runs its conversation tests; "evaluate" measures how well
messages are understood. "vagent playbook test --help" and so on tell more.
`;

/** Loaded one by one, so that "check" needs no model and no graph. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('../playbook/check.ts')).check,
  test: async () => (await import('../playbook/test.ts')).test,
  evaluate: async () => (await import('../playbook/evaluate.ts')).evaluate,
};

export const playbook: Command = {
  usage,
  async run(args, terminal) {
    const [name, ...rest] = args;
    if (name === undefined) throw new UsageError('Which one: check, test or evaluate?');
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) {
      const meant = nearestWord(name, Object.keys(commands));
      const hint = meant === undefined ? '' : `. Did you mean "vagent playbook ${meant}"?`;
      throw new UsageError(`"vagent playbook ${name}" is not a command${hint}`);
    }
    const command = await load();
    return await command.run(rest, terminal);
  },
};
