import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlaybook } from '#playbook/load-playbook';
import { createProtect } from '#privacy/create-protect';
import { type DialogueModel, startDialogueModel } from '../../scripts/playbook/dialogue-model.ts';
import { scriptedTurns } from '../../scripts/playbook/find-turn.ts';
import { openStages, type Stages } from '../../scripts/playbook/open-stages.ts';
import { playDialogue } from '../../scripts/playbook/play-dialogue.ts';
import { readDialogues } from '../../scripts/playbook/read-dialogues.ts';

const dir = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const dialogues = await readDialogues(dir);

describe.each(['offline', 'scripted'] as const)('the dialogues of the example playbook, %s', (provider) => {
  let stages: Stages;
  beforeAll(async () => {
    stages = await openStages(dir, provider, {});
  });
  afterAll(() => stages[Symbol.asyncDispose]());

  it.each(dialogues.map((dialogue) => [dialogue.name, dialogue] as const))('%s', async (_, dialogue) => {
    const { failures } = await playDialogue(dialogue, await stages.open(), new AbortController().signal);
    expect(failures).toEqual([]);
  });
});

describe('the dialogues of the example playbook, with OPENAI_BASE_URL at the server that they script', () => {
  let model: DialogueModel;
  let stages: Stages;
  beforeAll(async () => {
    const { policies } = await loadPlaybook(dir, { reviewers: ['@rita:example.org'] });
    const protect = createProtect({ policy: policies.privacy, key: undefined });
    model = await startDialogueModel({ turns: scriptedTurns(dialogues, protect) });
    stages = await openStages(dir, 'openai', { OPENAI_API_KEY: 'any', OPENAI_BASE_URL: model.url });
  });
  afterAll(async () => {
    await stages[Symbol.asyncDispose]();
    await model.stop();
  });

  it.each(dialogues.map((dialogue) => [dialogue.name, dialogue] as const))('%s', async (_, dialogue) => {
    const { failures } = await playDialogue(dialogue, await stages.open(), new AbortController().signal);
    expect(failures).toEqual([]);
  });
});

it('has at least ten dialogues, and one for every flow', () => {
  const started = new Set(
    dialogues.flatMap(({ turns }) =>
      turns.flatMap(({ understood = [] }) => understood.map(({ flow }) => flow)),
    ),
  );
  expect(dialogues.length).toBeGreaterThanOrEqual(10);
  expect([...started]).toEqual(
    expect.arrayContaining([
      'refund',
      'reset_2fa',
      'raise_ci_budget',
      'report_leaked_token',
      'delete_records',
    ]),
  );
});
