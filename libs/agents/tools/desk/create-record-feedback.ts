import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import type { ForgeDesk } from './forge-desk.ts';

const args = z.strictObject({
  solved: z.boolean().describe('whether the problem is solved'),
  comment: z
    .string()
    .trim()
    .max(2_000, 'is longer than 2000 characters')
    .default('')
    .describe('in their words'),
});

export function createRecordFeedback(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'record_feedback',
    description: 'Records whether a problem is solved.',
    args,
    data: z.object({ solved: z.boolean() }),
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ solved, comment }, call) => {
      await desk.recordFeedback({ solved, comment }, call);
      return { text: 'The feedback is recorded.', data: { solved } };
    },
  };
}
