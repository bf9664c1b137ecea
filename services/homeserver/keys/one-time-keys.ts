import { type Content, parseStored } from '../content.ts';
import type { Context } from '../context.ts';

/** One-time keys left of a device, by algorithm; the signed ones always, as Synapse counts them. */
export function oneTimeKeyCounts(context: Context, userId: string, deviceId: string): Record<string, number> {
  const rows = context.database.all<{ algorithm: string; count: number }>(
    `SELECT substr(key_id, 1, instr(key_id, ':') - 1) AS algorithm, count(*) AS count FROM one_time_keys
     WHERE user_id = ? AND device_id = ? GROUP BY algorithm`,
    userId,
    deviceId,
  );
  return {
    signed_curve25519: 0,
    ...Object.fromEntries(rows.map(({ algorithm, count }) => [algorithm, count])),
  };
}

export function unusedFallbackTypes(context: Context, userId: string, deviceId: string): string[] {
  return context.database
    .all<{ algorithm: string }>(
      'SELECT algorithm FROM fallback_keys WHERE user_id = ? AND device_id = ? AND used = 0',
      userId,
      deviceId,
    )
    .map(({ algorithm }) => algorithm);
}

/** Gives away one key of a device: a one-time key, which is then gone, else its fallback key. */
export function claimKey(
  context: Context,
  userId: string,
  deviceId: string,
  algorithm: string,
): Content | undefined {
  const key = context.database.get<{ key_id: string; body: string }>(
    `DELETE FROM one_time_keys WHERE rowid = (SELECT rowid FROM one_time_keys
       WHERE user_id = ? AND device_id = ? AND key_id LIKE ? ORDER BY rowid LIMIT 1) RETURNING key_id, body`,
    userId,
    deviceId,
    `${algorithm}:%`,
  );
  if (key !== undefined) return { [key.key_id]: parseStored(key.body) };
  const fallback = context.database.get<{ key_id: string; body: string }>(
    `UPDATE fallback_keys SET used = 1 WHERE user_id = ? AND device_id = ? AND algorithm = ? RETURNING key_id, body`,
    userId,
    deviceId,
    algorithm,
  );
  return fallback && { [fallback.key_id]: parseStored(fallback.body) };
}
