import { z } from 'zod';

const queryAnswer = z.object({
  device_keys: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const deviceKeys = z.object({ keys: z.record(z.string(), z.string()) });

/** The ed25519 key of each device of the user, from an answer to `/keys/query`; undefined where it is not about them. */
export function readDeviceKeys(answer: unknown, userId: string): ReadonlyMap<string, string> | undefined {
  const devices = queryAnswer.safeParse(answer).data?.device_keys[userId];
  if (devices === undefined) return undefined;
  const keys = new Map<string, string>();
  for (const [deviceId, value] of Object.entries(devices)) {
    const key = deviceKeys.safeParse(value).data?.keys[`ed25519:${deviceId}`];
    if (key !== undefined) keys.set(deviceId, key);
  }
  return keys;
}
