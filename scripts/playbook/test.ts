import { fileURLToPath } from 'node:url';
import { PlaybookError } from '#playbook/errors';
import type { Command } from '../cli/command.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Dialogue } from './dialogue.ts';
import { type DialogueProvider, dialogueProviders } from './dialogue-provider.ts';
import { formatOutcome, formatTranscript } from './format-outcome.ts';
import { readDialogues } from './read-dialogues.ts';
import { runDialogues } from './run-dialogues.ts';

const usage = `Usage: vagent playbook test [--dir D] [--provider P] [--only NAME] [--show] [--json]

Plays the conversation tests of a playbook, dialogues/*.dialogue.yaml, in this process: no Redis, no homeserver. Every
expectation that is not met is told with file, line, turn and what was said instead; then the exit code is 1.

  --dir D        the playbook's folder; default PLAYBOOK_DIR, else the example
  --provider P   offline: without a model; scripted: a model in this process says what the dialogue annotates; openai:
                 the model that OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_NAME name. Default: offline, then scripted
  --only NAME    those whose name or file contains it
  --show         what was said, turn by turn
  --json         one JSON object per dialogue and line
`;

const examplePlaybook = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));

export const test: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      dir: { type: 'string' },
      provider: { type: 'string' },
      only: { type: 'string' },
      show: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const providers = providersOf(values.provider);
    const dir = values.dir ?? (terminal.env['PLAYBOOK_DIR'] || examplePlaybook);
    try {
      const dialogues = chosen(await readDialogues(dir), values.only, dir);
      let failed = 0;
      for (const provider of providers) {
        failed += await playAll({ dir, dialogues, provider, values }, terminal);
      }
      if (!values.json) terminal.stdout.write(summary(dialogues.length * providers.length, failed));
      return failed === 0 ? 0 : 1;
    } catch (error) {
      throw error instanceof PlaybookError ? new CommandError(error.message) : error;
    }
  },
};

interface Play {
  readonly dir: string;
  readonly dialogues: readonly Dialogue[];
  readonly provider: DialogueProvider;
  readonly values: { readonly json: boolean; readonly show: boolean };
}

/** Returns how many failed. */
async function playAll({ dir, dialogues, provider, values }: Play, terminal: Terminal): Promise<number> {
  const { signal } = new AbortController();
  const paint = paintFor(terminal);
  let failed = 0;
  let began = performance.now();
  for await (const outcome of runDialogues({ dir, dialogues, provider, env: terminal.env, signal })) {
    const ms = performance.now() - began;
    if (outcome.failures.length > 0) failed += 1;
    terminal.stdout.write(
      values.json
        ? `${JSON.stringify({ provider, ...outcome })}\n`
        : formatOutcome(outcome, provider, ms, paint),
    );
    if (values.show && !values.json) terminal.stdout.write(formatTranscript(outcome, paint));
    began = performance.now();
  }
  return failed;
}

function providersOf(name: string | undefined): readonly DialogueProvider[] {
  if (name === undefined) return ['offline', 'scripted'];
  const provider = dialogueProviders.find((known) => known === name);
  if (provider === undefined) {
    throw new UsageError(`There is no provider "${name}": choose ${dialogueProviders.join(', ')}`);
  }
  return [provider];
}

function chosen(dialogues: readonly Dialogue[], only: string | undefined, dir: string): readonly Dialogue[] {
  if (dialogues.length === 0) throw new CommandError(`${dir} has no dialogues/*.dialogue.yaml`);
  const wanted = (only ?? '').toLowerCase();
  const found = dialogues.filter(({ name, file }) => `${name}\n${file}`.toLowerCase().includes(wanted));
  if (found.length > 0) return found;
  const names = dialogues.map(({ name }) => `  ${name}`).join('\n');
  throw new CommandError(`No dialogue is called "${only}". There are:\n${names}`);
}

function summary(played: number, failed: number): string {
  const count = played === 1 ? '1 dialogue' : `${played} dialogues`;
  return failed === 0
    ? `${count} played, all as they should.\n`
    : `${count} played, ${failed} of them not as they should.\n`;
}
