import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { createModelUnderstanding } from '#dialogue/understanding/create-model-understanding';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import { evaluate as evaluateMessages } from '#dialogue/understanding/evaluate';
import type { Understand } from '#dialogue/understanding/understanding';
import { createChatModel } from '#models/create-chat-model';
import { modelSettings } from '#models/model-settings';
import { PlaybookError } from '#playbook/errors';
import { parsePlaybook } from '#playbook/parse-playbook';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { readLabelled } from '#playbook/read-labelled';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { createProtect } from '#privacy/create-protect';
import { type Environment, readConfig } from '#runtime/read-config';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { formatEvaluation } from './format-evaluation.ts';
import { knownWords } from './optimise/find-conflicts.ts';
import { keyOf } from './optimise/words-of.ts';

const usage = `Usage: vagent playbook evaluate [--file F.yaml] [--provider offline|openai] [--dir D] [--json]

Has labelled messages understood and tells how many are understood as their labels say: accuracy, what was taken for
what, precision, recall and F1 of each command, and the messages that were not.

  --file F.yaml   a list of {text, awaiting?: {flow, slot}, paused?: [flow], expect: {command, flow?, slot?, value?,
                  digression?, topic?, topics?, risk?}}; default: the held-back half of the playbook's own set, that
                  is every second message of understanding/labelled.yaml, beginning with the second
  --provider P    offline: learnt from the playbook's examples (default);
                  openai: by the model that OPENAI_API_KEY, OPENAI_BASE_URL and MODEL_NAME say
  --dir D         the playbook's folder; default PLAYBOOK_DIR, else the example
  --json          one JSON object: {total, correct, accuracy, byCommand, failures: [{text, expect, got}]}
`;

const examplePlaybook = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
/** Nobody is asked anything here; a playbook without reviewers of its own has to be readable all the same. */
const reviewers = ['@reviewer:example.org'];
const callsAtOnce = { offline: 1, openai: 4 };

export const evaluate: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      file: { type: 'string' },
      provider: { type: 'string', default: 'offline' },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0)
      throw new UsageError(`"${positionals[0]}" is one too many. A file is named with --file`);
    const { provider } = values;
    if (provider !== 'offline' && provider !== 'openai')
      throw new UsageError(`--provider is offline or openai, not "${provider}"`);
    const dir = values.dir ?? (terminal.env['PLAYBOOK_DIR'] || examplePlaybook);
    try {
      const files = await readPlaybookFiles(dir);
      const playbook = parsePlaybook(files, { reviewers });
      const items = await readItems(dir, values.file);
      const validators = createValidators();
      const understand = createUnderstanding(provider, { playbook, validators }, terminal.env);
      const arrive = arriving(playbook);
      const evaluation = await evaluateMessages(
        (input) => understand({ ...input, text: arrive(input.text) }),
        items.map((item) => withValue(item, arrive)),
        {
          flows: playbook.flows,
          validators,
          atOnce: callsAtOnce[provider],
        },
      );
      const of = values.file ?? `the held-back half of ${playbook.name}`;
      terminal.stdout.write(
        values.json
          ? `${JSON.stringify(evaluation)}\n`
          : formatEvaluation(evaluation, {
              provider,
              of,
              learnt: countLearnt(items, provider, playbook, files),
              paint: paintFor(terminal),
            }),
      );
      return 0;
    } catch (error) {
      if (!(error instanceof PlaybookError)) throw error;
      terminal.stderr.write(`${error.message}\n`);
      return 1;
    }
  },
};

async function readItems(dir: string, file: string | undefined) {
  if (file !== undefined) return readLabelled(file);
  const all = await readLabelled(`${dir}/understanding/labelled.yaml`);
  return all.filter((_, index) => index % 2 === 1);
}

/** How many messages are examples in the same words: to understand those says little. */
function countLearnt(
  items: readonly LabelledMessage[],
  provider: 'offline' | 'openai',
  { prompt }: Playbook,
  files: PlaybookFiles,
): number {
  const shown = prompt.examples.map(({ text }) => keyOf(text));
  const known = provider === 'offline' ? knownWords(files) : new Set(shown);
  return items.filter(({ text }) => known.has(keyOf(text))).length;
}

/** How a text arrives: ingress has replaced personal data before anybody understands it. */
function arriving({ policies }: Playbook): (text: string) => string {
  const protect = createProtect({ policy: policies.privacy, key: randomBytes(32) });
  return (text) => {
    const arrived = protect(text, '!evaluation:localhost:main:@person:localhost');
    return arrived.ok ? arrived.text : '';
  };
}

/** A value is labelled as the person wrote it. */
function withValue(item: LabelledMessage, arrive: (text: string) => string): LabelledMessage {
  const { value } = item.expect;
  return typeof value === 'string' ? { ...item, expect: { ...item.expect, value: arrive(value) } } : item;
}

function createUnderstanding(
  provider: 'offline' | 'openai',
  deps: { playbook: Playbook; validators: ReturnType<typeof createValidators> },
  env: Environment,
): Understand {
  if (provider === 'offline') return createOfflineUnderstanding(deps);
  const schema = z.object({ model: modelSettings });
  const { config } = readConfig(schema, { ...env, MODEL_PROVIDER: 'openai' });
  const model = createChatModel(config.model);
  if (model === undefined) throw new UsageError('There is no model: see OPENAI_API_KEY');
  return createModelUnderstanding({ ...deps, model });
}
