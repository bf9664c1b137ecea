import { z } from 'zod';
import { isPasswordOf } from '../accounts/accounts.ts';
import type { Requester } from '../accounts/requester.ts';
import { type Content, objectAt, parseStored } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import { clientPaths, type MatrixRequest, parseBody, type Reply, type Route } from '../http/route.ts';
import { deviceListChanged } from './device-lists.ts';

const key = z.record(z.string(), z.unknown());
const signingBody = z.object({
  auth: z.object({ type: z.string().optional(), password: z.string().optional() }).optional(),
  master_key: key.optional(),
  self_signing_key: key.optional(),
  user_signing_key: key.optional(),
});
const signaturesBody = z.record(z.string(), z.record(z.string(), key));
const usages = ['master', 'self_signing', 'user_signing'] as const;

/** Keys with which users vouch for their devices and for each other. */
export const crossSigningRoutes: Route[] = [
  {
    method: 'POST',
    paths: clientPaths('/keys/device_signing/upload', ['v3', 'unstable']),
    auth: 'required',
    handle: uploadKeys,
  },
  {
    method: 'POST',
    paths: clientPaths('/keys/signatures/upload'),
    auth: 'required',
    handle: uploadSignatures,
  },
];

/** The first upload needs no password, as little as the same keys again; replacing keys does. */
async function uploadKeys(context: Context, request: MatrixRequest, requester: Requester): Promise<Reply> {
  const body = parseBody(request, signingBody);
  const { userId } = requester;
  const hasKeys =
    context.database.get('SELECT 1 FROM cross_signing_keys WHERE user_id = ?', userId) !== undefined;
  const needsPassword =
    hasKeys && replacesMaster(context, userId, body.master_key) && requester.appservice === undefined;
  if (needsPassword && !(await isPasswordOf(context, userId, body.auth?.password ?? ''))) {
    throw new MatrixError(401, 'M_FORBIDDEN', 'Replacing cross-signing keys needs the password', {
      session: 'signing',
      flows: [{ stages: ['m.login.password'] }],
      params: {},
    });
  }
  context.database.transaction(() => {
    for (const usage of usages) {
      const given = body[`${usage}_key`];
      if (given !== undefined) storeKey(context, userId, usage, given);
    }
    deviceListChanged(context, userId);
  });
  return {};
}

function replacesMaster(context: Context, userId: string, given: Content | undefined): boolean {
  const row = context.database.get<{ body: string }>(
    `SELECT body FROM cross_signing_keys WHERE user_id = ? AND usage = 'master'`,
    userId,
  );
  const known = row === undefined ? undefined : objectAt(parseStored(row.body), 'keys');
  return JSON.stringify(known) !== JSON.stringify(given?.['keys']);
}

/** Adds signatures to devices and keys that they are about; those on unknown ones are told as failures. */
function uploadSignatures(context: Context, request: MatrixRequest): Reply {
  const failures: Record<string, Record<string, Content>> = {};
  for (const [userId, signed] of Object.entries(parseBody(request, signaturesBody))) {
    for (const [id, body] of Object.entries(signed)) {
      if (sign(context, userId, id, body)) continue;
      const failure = { errcode: 'M_NOT_FOUND', error: 'Not found' };
      failures[userId] = { ...failures[userId], [id]: failure };
    }
    deviceListChanged(context, userId);
  }
  return { failures };
}

function sign(context: Context, userId: string, id: string, signed: Content): boolean {
  const device = context.database.get<{ keys: string }>(
    'SELECT keys FROM device_keys WHERE user_id = ? AND device_id = ?',
    userId,
    id,
  );
  if (device !== undefined) {
    const merged = JSON.stringify(withSignatures(parseStored(device.keys), signed));
    context.database.run(
      'UPDATE device_keys SET keys = ? WHERE user_id = ? AND device_id = ?',
      merged,
      userId,
      id,
    );
    return true;
  }
  const rows = context.database.all<{ usage: string; body: string }>(
    'SELECT usage, body FROM cross_signing_keys WHERE user_id = ?',
    userId,
  );
  const row = rows.find(({ body }) =>
    Object.keys(objectAt(parseStored(body), 'keys')).includes(`ed25519:${id}`),
  );
  if (row === undefined) return false;
  storeKey(context, userId, row.usage, withSignatures(parseStored(row.body), signed));
  return true;
}

function withSignatures(known: Content, signed: Content): Content {
  const signatures: Content = { ...objectAt(known, 'signatures') };
  const added = objectAt(signed, 'signatures');
  for (const signer of Object.keys(added)) {
    signatures[signer] = { ...objectAt(signatures, signer), ...objectAt(added, signer) };
  }
  return { ...known, signatures };
}

function storeKey(context: Context, userId: string, usage: string, body: Content): void {
  context.database.run(
    'INSERT OR REPLACE INTO cross_signing_keys (user_id, usage, body) VALUES (?, ?, ?)',
    userId,
    usage,
    JSON.stringify(body),
  );
}
