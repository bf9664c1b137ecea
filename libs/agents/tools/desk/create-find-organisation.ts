import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, organisation } from './forge-desk.ts';
import { notFound } from './not-found.ts';

const args = z.strictObject({ organisation: deskArguments.organisation });

export function createFindOrganisation(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'find_organisation',
    description: 'Finds an organisation: its monthly CI limit, what of it is used, and its owners.',
    args,
    data: organisation,
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ organisation: name }) => {
      const found = await desk.findOrganisation(name);
      if (found === undefined) throw notFound('find_organisation', 'organisation', name);
      const owners = found.owners.map((owner) => `\`${owner}\``).join(', ');
      const text = `Organisation \`${name}\`: ${found.ci_used} of ${found.ci_limit} of its monthly CI budget used; owners: ${owners}.`;
      return { text, data: found };
    },
  };
}
