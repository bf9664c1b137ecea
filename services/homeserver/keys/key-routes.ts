import { z } from 'zod';
import type { Requester } from '../accounts/requester.ts';
import { type Content, isContent, objectAt, parseStored } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import { clientPaths, type MatrixRequest, parseBody, type Reply, type Route } from '../http/route.ts';
import { parsePosition } from '../sync/position.ts';
import { deviceListChanged, deviceListsSince } from './device-lists.ts';
import { claimKey, oneTimeKeyCounts } from './one-time-keys.ts';

const key = z.record(z.string(), z.unknown());
const uploadBody = z.object({
  device_keys: key.optional(),
  one_time_keys: z.record(z.string(), z.unknown()).default({}),
  fallback_keys: z.record(z.string(), z.unknown()).default({}),
});
const queryBody = z.object({ device_keys: z.record(z.string(), z.array(z.string())).default({}) });
const claimBody = z.object({
  one_time_keys: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

/** The public keys of devices, for clients that encrypt. */
export const keyRoutes: Route[] = [
  { method: 'POST', paths: clientPaths('/keys/upload'), auth: 'required', handle: upload },
  { method: 'POST', paths: clientPaths('/keys/query'), auth: 'required', handle: query },
  { method: 'POST', paths: clientPaths('/keys/claim'), auth: 'required', handle: claim },
  {
    method: 'GET',
    paths: clientPaths('/keys/changes'),
    auth: 'required',
    handle: (context, request, { userId }) =>
      deviceListsSince(context, userId, parsePosition(request.query.get('from') ?? '')),
  },
];

function upload(context: Context, request: MatrixRequest, { userId, deviceId }: Requester): Reply {
  if (deviceId === undefined) {
    throw new MatrixError(400, 'M_UNKNOWN', 'To upload keys, you must pass device_id when authenticating');
  }
  const body = parseBody(request, uploadBody);
  context.database.transaction(() => {
    if (body.device_keys !== undefined) storeDeviceKeys(context, userId, deviceId, body.device_keys);
    for (const [keyId, value] of Object.entries(body.one_time_keys)) {
      storeOneTimeKey(context, userId, deviceId, keyId, JSON.stringify(value));
    }
    for (const [keyId, value] of Object.entries(body.fallback_keys)) {
      context.database.run(
        `INSERT OR REPLACE INTO fallback_keys (user_id, device_id, algorithm, key_id, body, used) VALUES (?, ?, ?, ?, ?, 0)`,
        userId,
        deviceId,
        keyId.split(':')[0] ?? keyId,
        keyId,
        JSON.stringify(value),
      );
    }
  });
  return { one_time_key_counts: oneTimeKeyCounts(context, userId, deviceId) };
}

function storeDeviceKeys(context: Context, userId: string, deviceId: string, keys: Content): void {
  if (keys['user_id'] !== userId || keys['device_id'] !== deviceId) {
    throw new MatrixError(400, 'M_BAD_JSON', 'device_keys are of another user or device');
  }
  const text = JSON.stringify(keys);
  const known = context.database.get<{ keys: string }>(
    'SELECT keys FROM device_keys WHERE user_id = ? AND device_id = ?',
    userId,
    deviceId,
  );
  if (known?.keys === text) return;
  context.database.run(
    'INSERT OR REPLACE INTO device_keys (user_id, device_id, keys) VALUES (?, ?, ?)',
    userId,
    deviceId,
    text,
  );
  deviceListChanged(context, userId);
}

/** A key id stands for one key for ever: sending it again is fine, another key under it is not. */
function storeOneTimeKey(
  context: Context,
  userId: string,
  deviceId: string,
  keyId: string,
  body: string,
): void {
  const known = context.database.get<{ body: string }>(
    'SELECT body FROM one_time_keys WHERE user_id = ? AND device_id = ? AND key_id = ?',
    userId,
    deviceId,
    keyId,
  );
  if (known !== undefined && known.body !== body) {
    throw new MatrixError(400, 'M_UNKNOWN', `One time key ${keyId} already exists.`);
  }
  context.database.run(
    'INSERT OR IGNORE INTO one_time_keys (user_id, device_id, key_id, body) VALUES (?, ?, ?, ?)',
    userId,
    deviceId,
    keyId,
    body,
  );
}

function query(context: Context, request: MatrixRequest, requester: Requester): Reply {
  const wanted = parseBody(request, queryBody).device_keys;
  const deviceKeys: Record<string, Content> = {};
  const crossSigning: Record<string, Content> = {
    master_keys: {},
    self_signing_keys: {},
    user_signing_keys: {},
  };
  for (const [userId, deviceIds] of Object.entries(wanted)) {
    deviceKeys[userId] = devicesOf(context, userId, deviceIds);
    const rows = context.database.all<{ usage: string; body: string }>(
      'SELECT usage, body FROM cross_signing_keys WHERE user_id = ?',
      userId,
    );
    for (const { usage, body } of rows) {
      // The user-signing key tells whom its owner verified, so nobody else gets it.
      if (usage === 'user_signing' && userId !== requester.userId) continue;
      objectAt(crossSigning, `${usage}_keys`)[userId] = parseStored(body);
    }
  }
  return { device_keys: deviceKeys, failures: {}, ...crossSigning };
}

function devicesOf(context: Context, userId: string, deviceIds: string[]): Content {
  const rows = context.database.all<{ device_id: string; keys: string; display_name: string | null }>(
    `SELECT device_id, keys, display_name FROM device_keys JOIN devices USING (user_id, device_id) WHERE user_id = ?`,
    userId,
  );
  const shown = rows.filter(({ device_id }) => deviceIds.length === 0 || deviceIds.includes(device_id));
  return Object.fromEntries(
    shown.map(({ device_id, keys, display_name }) => {
      const unsigned = display_name === null ? {} : { device_display_name: display_name };
      return [device_id, { ...parseStored(keys), unsigned }];
    }),
  );
}

function claim(context: Context, request: MatrixRequest): Reply {
  const wanted = parseBody(request, claimBody).one_time_keys;
  const claimed: Record<string, Record<string, Content>> = {};
  context.database.transaction(() => {
    for (const [userId, devices] of Object.entries(wanted)) {
      for (const [deviceId, algorithm] of Object.entries(devices)) {
        const given = claimKey(context, userId, deviceId, algorithm);
        if (isContent(given)) claimed[userId] = { ...claimed[userId], [deviceId]: given };
      }
    }
  });
  return { one_time_keys: claimed, failures: {} };
}
