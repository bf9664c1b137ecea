import { describe, it } from 'vitest';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import { startSynapse } from '../../support/start-synapse.ts';
import { describeGhosts } from '../appservice-suite.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind !== 'none') {
  describeGhosts('Synapse', startSynapse);
} else if (process.env['CI']) {
  throw new Error(install.reason);
} else {
  process.stderr.write(`Skipped: ${install.reason}\n`);
  describe('agents as users of their own, on Synapse', () => {
    it.skip(`is left out: ${install.reason}`, () => undefined);
  });
}
