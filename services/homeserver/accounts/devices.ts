import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { deviceListChanged } from '../keys/device-lists.ts';

export interface LoggedIn {
  user_id: string;
  access_token: string;
  home_server: string;
  device_id: string;
}

/**
 * A new access token for a device, which is created when it is not known. A login with a known device id keeps
 * the device, and with it the deduplication of its transaction ids, and ends the device's earlier tokens.
 */
export function logInDevice(
  context: Context,
  userId: string,
  wanted: { deviceId?: string | undefined; displayName?: string | undefined },
): LoggedIn {
  const deviceId = wanted.deviceId ?? randomBytes(5).toString('hex').toUpperCase();
  const token = `syt_${randomBytes(24).toString('base64url')}`;
  context.database.transaction(() => {
    context.database.run(
      'INSERT INTO devices (user_id, device_id, display_name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      userId,
      deviceId,
      wanted.displayName ?? null,
    );
    context.database.run('DELETE FROM access_tokens WHERE user_id = ? AND device_id = ?', userId, deviceId);
    context.database.run(
      'INSERT INTO access_tokens (token, user_id, device_id) VALUES (?, ?, ?)',
      token,
      userId,
      deviceId,
    );
  });
  return {
    user_id: userId,
    access_token: token,
    home_server: context.config.serverName,
    device_id: deviceId,
  };
}

/** Removes the device with its tokens: what a logout does. */
export function removeDevice(context: Context, userId: string, deviceId: string): void {
  context.database.transaction(() => {
    context.database.run('DELETE FROM access_tokens WHERE user_id = ? AND device_id = ?', userId, deviceId);
    context.database.run('DELETE FROM devices WHERE user_id = ? AND device_id = ?', userId, deviceId);
    for (const table of ['event_txns', 'device_keys', 'one_time_keys', 'fallback_keys', 'to_device']) {
      context.database.run(`DELETE FROM ${table} WHERE user_id = ? AND device_id = ?`, userId, deviceId);
    }
    deviceListChanged(context, userId);
  });
}
