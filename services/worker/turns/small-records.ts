import { smallRecords } from '#streams/check-server';
import type { Transport } from '#streams/open-transport';
import { readSmall } from '../member-version.ts';

/** `auto`: where no release before small records ever ran. `on`: from now on, which gives up the way back to one. */
export type SmallRecords = 'auto' | 'on' | 'off';

/**
 * How long records are written: checkpoints and accounts of turns. Small only while every live worker can read that, for
 * any of them may have to go on with the session; and only where no release can come back that cannot.
 */
export async function openLongSeal(
  { redis, keys, sealBody, sealSmall }: Pick<Transport, 'redis' | 'keys' | 'sealBody' | 'sealSmall'>,
  setting: SmallRecords,
  members: () => readonly string[],
): Promise<(json: string) => string> {
  if (setting === 'off') return sealBody;
  const isNew = (await redis.hget(keys.settings(), smallRecords)) !== null;
  if (setting === 'auto' && !isNew) return sealBody;
  return (json) => (readSmall(members()) ? sealSmall(json) : sealBody(json));
}
