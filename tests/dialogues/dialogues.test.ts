import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
