import { fileURLToPath } from 'node:url';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import { contextOfItem } from '#dialogue/understanding/context-of-item';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import { readLabelled } from '#playbook/read-labelled';
import { median } from '../median.ts';
import type { Row } from '../row.ts';

const labelled = fileURLToPath(
  new URL('../../../services/worker/playbook/understanding/labelled.yaml', import.meta.url),
);
const warmUps = 2;

export const understandRow: Row = {
  name: 'understand',
  measures:
    'understanding a message without a model and without a cache: every message of the labelled set at its place, one by one',
  run: async ({ playbook, options }) => {
    const startedAt = performance.now();
    const understand = createOfflineUnderstanding({ playbook, validators: createValidators() });
    const learnedMs = performance.now() - startedAt;
    const messages = (await readLabelled(labelled)).map((item) => ({
      text: item.text,
      context: contextOfItem(item, playbook.flows),
      history: [],
      signal: new AbortController().signal,
      onUsage: () => undefined,
    }));
    const each: number[] = [];
    for (let round = -warmUps; round < options.rounds; round++) {
      for (const message of messages) {
        const begunAt = performance.now();
        await understand(message);
        if (round >= 0) each.push(performance.now() - begunAt);
      }
    }
    const p50 = median(each);
    const p99 = each.toSorted((one, other) => one - other)[Math.floor(each.length * 0.99)] ?? Number.NaN;
    return [
      {
        what: 'understand, offline, p50',
        ours: `${p50.toFixed(3)} ms`,
        comparedWith: `p99 ${p99.toFixed(2)} ms; learning at the start ${learnedMs.toFixed(0)} ms`,
        value: p50,
        unit: ' ms',
        goal: { wants: 'below', goal: 3, stretch: 0.5 },
      },
    ];
  },
};
