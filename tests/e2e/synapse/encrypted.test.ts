import { afterAll, beforeAll, describe, it } from 'vitest';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import type { HomeserverUnderTest } from '../../support/homeserver-under-test.ts';
import type { MatrixUser } from '../../support/matrix-user.ts';
import { NioClients } from '../../support/nio-clients.ts';
import { NioUser } from '../../support/nio-user.ts';
import { startSynapse } from '../../support/start-synapse.ts';
import { describeConversation } from '../conversation-suite.ts';
import { describeEncrypted, describeEncryptedFiles } from '../encrypted-suite.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind === 'chroot') {
  const stack = new AsyncDisposableStack();
  let synapse: HomeserverUnderTest;
  let clients: NioClients;
  beforeAll(async () => {
    synapse = stack.use(await startSynapse());
    clients = stack.use(await NioClients.start(synapse.url));
  });
  afterAll(() => stack.disposeAsync());
  const shared = async (): Promise<HomeserverUnderTest> => ({
    ...synapse,
    stop: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  });
  const clientFor = (user: MatrixUser): Promise<NioUser> => NioUser.open(user, clients);
  describeEncrypted('Synapse', shared, clientFor);
  describeEncryptedFiles('Synapse', shared, clientFor);
  describeConversation('Synapse, in encrypted rooms', shared, {
    clientFor,
    replicas: { worker: 3, egress: 2 },
  });
} else if (process.env['CI']) {
  throw new Error(install.kind === 'none' ? install.reason : 'matrix-nio is only in the Debian folder');
} else {
  process.stderr.write('Skipped: no matrix-nio from Debian here\n');
  describe('vagent in encrypted rooms of Synapse', () => {
    it.skip('is left out: there is no matrix-nio from Debian here', () => undefined);
  });
}
