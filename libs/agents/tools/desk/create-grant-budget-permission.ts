import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { acceptChange } from './accept-change.ts';
import { deskArguments } from './desk-arguments.ts';
import type { ForgeDesk } from './forge-desk.ts';

const args = z.strictObject({ organisation: deskArguments.organisation, username: deskArguments.username });

export function createGrantBudgetPermission(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'grant_budget_permission',
    description: 'Lets one member of an organisation raise its CI budget, and nothing else.',
    args,
    data: z.object({ organisation: z.string(), username: z.string(), granted: z.boolean() }),
    risk: 'medium',
    isRepeatable: true,
    timeoutMs: 15_000,
    run: async (grant, call) => {
      const { organisation, username } = grant;
      const answer = await desk.grantBudgetPermission(grant, call);
      const { granted } = acceptChange('grant_budget_permission', `organisation ${organisation}`, answer);
      const text = `\`${username}\` may raise the CI budget of \`${organisation}\` now.`;
      return { text, data: { organisation, username, granted } };
    },
  };
}
