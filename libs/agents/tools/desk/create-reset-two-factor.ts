import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { acceptChange } from './accept-change.ts';
import { deskArguments } from './desk-arguments.ts';
import { account, type ForgeDesk } from './forge-desk.ts';

const args = z.strictObject({
  username: deskArguments.username,
  device_lost: z.boolean().describe('whether the device is lost, so that sessions are signed out too'),
});

export function createResetTwoFactor(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'reset_two_factor',
    description: 'Lifts the two-factor authentication of an account for 24 hours.',
    args,
    data: account,
    risk: 'high',
    isRepeatable: true,
    timeoutMs: 15_000,
    run: async ({ username, device_lost }, call) => {
      const answer = await desk.resetTwoFactor({ username, deviceLost: device_lost }, call);
      const reset = acceptChange('reset_two_factor', `account ${username}`, answer);
      const sessions = device_lost ? ' All of its sessions were signed out.' : '';
      return { text: `Two-factor authentication of \`${username}\` is lifted.${sessions}`, data: reset };
    },
  };
}
