import { fileURLToPath } from 'node:url';
import { ModelError } from '#models/errors';
import { PlaybookError } from '#playbook/errors';
import type { Command } from '../cli/command.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { formatReport } from './optimise/format-report.ts';
import { type OptimiseSettings, runOptimisation } from './optimise/run-optimisation.ts';

const usage = `Usage: vagent playbook optimise [DIR] [--model NAME|offline] [--budget N] [--seed S] [--write] [--json]

Looks for examples, and for a model also for notes, by which more labelled messages are understood. Labelled messages and
the annotated turns of dialogues are split into training (what is made an example), validation (what decides) and held-out,
which is measured once, before and after. What is not more than noise on validation is not proposed. Changes nothing
without --write.

  DIR                the playbook's folder, as --dir; default PLAYBOOK_DIR, else the example
  --model NAME       offline: missed messages become examples of the classifier (default); else the name of a model at
                     OPENAI_BASE_URL with OPENAI_API_KEY, whose prompt gets examples and notes (understanding/prompt.yaml)
  --provider openai  the model that MODEL_NAME says
  --budget N         calls of the model at most, default 2000; offline how often it is learnt, default 60
  --seed S           a whole number: another split and another order of the search; default 1
  --file F.yaml      more labelled messages; may be given several times
  --examples N       what a model is shown at most, 1 to 64, default 16
  --tokens N         what these may take in every prompt, about; default 1500
  --messages-only    leaves dialogues out. Else each is played once, and tools of MCP servers that it names are called
  --write            writes what is proposed, unless held-out is understood worse with it
  --force            with --write: writes it also then
  --json             one JSON object

Exits with 1 where held-out became worse and nothing was written, or something failed. Progress goes to the standard error.
`;

const examplePlaybook = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const exitInterrupted = 130;

export const optimise: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      dir: { type: 'string' },
      model: { type: 'string' },
      provider: { type: 'string' },
      budget: { type: 'string' },
      seed: { type: 'string', default: '1' },
      file: { type: 'string', multiple: true, default: [] },
      examples: { type: 'string', default: '16' },
      tokens: { type: 'string', default: '1500' },
      'messages-only': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 1)
      throw new UsageError(`"${positionals[1]}" is one too many: one folder at a time`);
    if (values.force && !values.write) throw new UsageError('--force is of use with --write only');
    const settings: OptimiseSettings = {
      dir: values.dir ?? positionals[0] ?? (terminal.env['PLAYBOOK_DIR'] || examplePlaybook),
      more: values.file,
      withDialogues: !values['messages-only'],
      model: modelOf(values),
      budget: values.budget === undefined ? undefined : whole('--budget', values.budget, 1, 1_000_000),
      seed: whole('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
      most: {
        examples: whole('--examples', values.examples, 1, 64),
        tokens: whole('--tokens', values.tokens, 50, 100_000),
      },
      isWritten: values.write,
      isForced: values.force,
    };
    using stopping = stopOnSignal();
    try {
      const { env } = terminal;
      const tell = (line: string): void => void terminal.stderr.write(`${line}\n`);
      const report = await runOptimisation(settings, { env, signal: stopping.signal, tell });
      terminal.stdout.write(
        values.json ? `${JSON.stringify(report)}\n` : formatReport(report, paintFor(terminal)),
      );
      return report.outcome === 'worse' ? 1 : 0;
    } catch (error) {
      if (stopping.signal.aborted) {
        terminal.stderr.write('Stopped. Nothing is written.\n');
        return exitInterrupted;
      }
      throw told(error);
    }
  },
};

function modelOf(values: { readonly model?: string; readonly provider?: string }): string | null | undefined {
  const { model, provider } = values;
  if (provider !== undefined && provider !== 'offline' && provider !== 'openai')
    throw new UsageError(`--provider is offline or openai, not "${provider}"`);
  if (model === '') throw new UsageError('--model is empty: give offline, or the name of a model');
  if (model === 'offline' && provider === 'openai')
    throw new UsageError('--model offline and --provider openai contradict each other');
  if (model !== undefined && model !== 'offline') return model;
  return provider === 'openai' ? null : undefined;
}

function whole(name: string, written: string, least: number, most: number): number {
  const value = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${name} is a whole number from ${least} to ${most}, not "${written}"`);
}

function stopOnSignal(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = (): void => controller.abort();
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}

function told(error: unknown): unknown {
  if (error instanceof PlaybookError) return new CommandError(error.message);
  if (error instanceof ModelError)
    return new CommandError(`${error.message}. The search ended there, and nothing is written`);
  return error;
}
