import { afterAll, describe, it } from 'vitest';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import type { MatrixUser } from '../../support/matrix-user.ts';
import { NioClients } from '../../support/nio-clients.ts';
import { NioUser } from '../../support/nio-user.ts';
import { startSynapse } from '../../support/start-synapse.ts';
import { describeGhosts } from '../appservice-suite.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind !== 'none') {
  describeGhosts('Synapse', startSynapse);
  if (install.kind === 'chroot') {
    let clients: Promise<NioClients> | undefined;
    // The homeserver is started with the registration, by the stage itself.
    const clientFor = async (user: MatrixUser): Promise<NioUser> => {
      clients ??= NioClients.start(user.homeserver);
      return NioUser.open(user, await clients);
    };
    afterAll(async () => (await clients)?.[Symbol.asyncDispose]());
    describeGhosts('Synapse', startSynapse, clientFor);
  } else {
    describe('agents as users of their own, in encrypted rooms of Synapse', () => {
      it.skip('is left out: there is no matrix-nio from Debian here', () => undefined);
    });
  }
} else if (process.env['CI']) {
  throw new Error(install.reason);
} else {
  process.stderr.write(`Skipped: ${install.reason}\n`);
  describe('agents as users of their own, on Synapse', () => {
    it.skip(`is left out: ${install.reason}`, () => undefined);
  });
}
