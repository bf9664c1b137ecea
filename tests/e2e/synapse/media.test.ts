import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMatrix } from '#matrix/connect-matrix';
import type { MatrixRequest } from '#matrix/matrix-client';
import { downloadMedia } from '#matrix/media/download-media';
import { uploadMedia } from '#matrix/media/upload-media';
import { findSynapse } from '../../../scripts/setup/synapse.ts';
import { MatrixUser } from '../../support/matrix-user.ts';
import { type Synapse, startSynapse } from '../../support/start-synapse.ts';

const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
if (install.kind === 'none' && process.env['CI']) throw new Error(install.reason);

describe.skipIf(install.kind === 'none')('files on Synapse', () => {
  let synapse: Synapse;
  let uploads: MatrixRequest;
  let downloads: MatrixRequest;

  beforeAll(async () => {
    synapse = await startSynapse();
    [uploads, downloads] = await Promise.all([connect('ana'), connect('bot')]);
  });
  afterAll(() => synapse[Symbol.asyncDispose]());

  async function connect(name: string): Promise<MatrixRequest> {
    const { registrationSecret } = synapse;
    const user = await MatrixUser.register(synapse.url, name, { registrationSecret });
    const access = { kind: 'token', token: user.accessToken } as const;
    const tokens = {
      load: async () => undefined,
      save: async () => undefined,
      exclusively: <T>(work: () => Promise<T>) => work(),
    };
    const settings = { homeserver: synapse.url, access, deviceId: 'unused' };
    return (await connectMatrix(settings, { log: pino({ level: 'silent' }), tokens })).request;
  }

  it('come back as they were uploaded, to somebody else', async () => {
    const bytes = Buffer.from([0, 255, 1, 254, 0x7b, 0x7d]);
    const mxc = await uploadMedia(uploads, { bytes, contentType: 'application/json', filename: 'a b.md' });
    expect(mxc).toMatch(new RegExp(`^mxc://${synapse.serverName}/`));
    expect(await downloadMedia(downloads, mxc, { maxBytes: 100 })).toEqual({ ok: true, bytes });
    expect(await downloadMedia(downloads, mxc, { maxBytes: 5 })).toEqual({ ok: false, reason: 'too_large' });
  });

  it('that are not there are told from those that are', async () => {
    const mxc = `mxc://${synapse.serverName}/nothingIsHere`;
    expect(await downloadMedia(downloads, mxc, { maxBytes: 100 })).toEqual({
      ok: false,
      reason: 'unreachable',
    });
  });
});
