import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { account, type ForgeDesk } from './forge-desk.ts';
import { notFound } from './not-found.ts';

const args = z.strictObject({ username: deskArguments.username });

export function createFindAccount(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'find_account',
    description: 'Finds an account: whether it is locked, uses a second factor, and when it last signed in.',
    args,
    data: account,
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ username }) => {
      const found = await desk.findAccount(username);
      if (found === undefined) throw notFound('find_account', 'account', username);
      const locked = found.locked ? '**locked**' : 'not locked';
      const factor = found.two_factor ? 'with' : 'without';
      const text = `Account \`${found.username}\`: ${locked}, ${factor} two-factor authentication; last sign-in ${found.last_login}.`;
      return { text, data: found };
    },
  };
}
