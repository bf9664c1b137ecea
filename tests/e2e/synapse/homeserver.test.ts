import { describe, it } from 'vitest';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import { startSynapse } from '../../support/start-synapse.ts';
import { describeHomeserver } from '../homeserver-suite.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind !== 'none') {
  describeHomeserver('Synapse', startSynapse);
} else if (process.env['CI']) {
  throw new Error(install.reason);
} else {
  process.stderr.write(`Skipped: ${install.reason}\n`);
  describe('Synapse', () => {
    it.skip(`is left out: ${install.reason}`, () => undefined);
  });
}
