import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, ipReputation } from './forge-desk.ts';

const args = z.strictObject({ subject: deskArguments.subject });

export function createCheckIpReputation(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'check_ip_reputation',
    description: 'Checks whether the addresses that an account or a token was used from are known for abuse.',
    args,
    data: ipReputation,
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ subject }) => {
      const found = await desk.checkIpReputation(subject);
      const addresses = found.addresses.join(', ');
      const verdict = found.suspicious ? '**suspicious**' : 'not suspicious';
      return { text: `Addresses of the last sign-ins are ${verdict}: ${addresses || 'none'}.`, data: found };
    },
  };
}
