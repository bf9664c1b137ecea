import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { acceptChange } from './accept-change.ts';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, organisation } from './forge-desk.ts';

const args = z.strictObject({
  organisation: deskArguments.organisation,
  new_limit: z
    .number()
    .positive('is not above zero')
    .max(1_000_000, 'is above 1000000')
    .describe('the new monthly limit'),
});

export function createRaiseCiBudget(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'raise_ci_budget',
    description: 'Raises the monthly CI limit of an organisation.',
    args,
    data: organisation,
    risk: 'medium',
    isRepeatable: true,
    timeoutMs: 15_000,
    run: async ({ organisation: name, new_limit }, call) => {
      const answer = await desk.raiseCiBudget({ organisation: name, limit: new_limit }, call);
      const raised = acceptChange('raise_ci_budget', `organisation ${name}`, answer);
      return { text: `The monthly CI limit of \`${name}\` is ${raised.ci_limit} now.`, data: raised };
    },
  };
}
