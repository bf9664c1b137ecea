import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { nearestWord } from '../cli/nearest-word.ts';

const usage = `Usage: vagent playbook check [--dir D] [--json]
       vagent playbook test [--dir D] [--provider offline|scripted|openai] [--only NAME] [--json]
       vagent playbook evaluate [--dir D] [--file F.yaml] [--provider offline|openai] [--json]
       vagent playbook optimise [DIR] [--model NAME|offline] [--budget N] [--seed S] [--write]
       vagent playbook procedures [--json]

Looks after the folder that says what the bot does and knows: --dir, PLAYBOOK_DIR, or else the example. Changes nothing
but what "optimise --write" is told to write.

  check       tells every mistake with file, line, column, and what to do
  test        plays its conversation tests, and tells every expectation that is not met
  evaluate    has labelled messages understood, and tells how many are understood as their labels say
  optimise    looks for examples by which more labelled messages are understood, measured before and after
  procedures  lists what reviewers answered where there was no procedure: material for SOPs

Each exits with 1 where something is not as it should be. --json prints the same for programs.
`;

/** Loaded one by one, so that "check" needs no model and no graph. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('../playbook/check.ts')).check,
  test: async () => (await import('../playbook/test.ts')).test,
  procedures: async () => (await import('../playbook/procedures.ts')).procedures,
  evaluate: async () => (await import('../playbook/evaluate.ts')).evaluate,
  optimise: async () => (await import('../playbook/optimise.ts')).optimise,
};

export const playbook: Command = {
  usage,
  find: async (name) => (Object.hasOwn(commands, name) ? commands[name]?.() : undefined),
  async run(args, terminal) {
    const [name, ...rest] = args;
    if (name === undefined) throw new UsageError('Which one: check, test, evaluate, optimise or procedures?');
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
