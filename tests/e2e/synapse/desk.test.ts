import { afterAll, beforeAll, describe, it } from 'vitest';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import type { HomeserverUnderTest } from '../../support/homeserver-under-test.ts';
import { startSynapse } from '../../support/start-synapse.ts';
import { describeDesk } from '../desk-suite.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind !== 'none') {
  let synapse: HomeserverUnderTest;
  beforeAll(async () => {
    synapse = await startSynapse();
  });
  afterAll(() => synapse?.stop());
  // One Synapse for all: each system brings people of its own, and leaves the homeserver running.
  describeDesk(
    'Synapse',
    async () => ({
      ...synapse,
      stop: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }),
    { isBrief: true },
  );
} else if (process.env['CI']) {
  throw new Error(install.reason);
} else {
  process.stderr.write(`Skipped: ${install.reason}\n`);
  describe('the desk on Synapse', () => {
    it.skip(`is left out: ${install.reason}`, () => undefined);
  });
}
