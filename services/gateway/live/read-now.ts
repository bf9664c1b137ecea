import type { Transport } from '#streams/open-transport';
import { redisErrorCode } from '#streams/script';
import { liveStreams, type Positions } from './cursor.ts';

/** The last entries of a partition's streams at this moment. */
export async function readNow(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  partition: number,
): Promise<Positions> {
  const [inbound = '0-0', outbound = '0-0', approvals = '0-0'] = await Promise.all(
    liveStreams.map(async (name) => {
      try {
        const [last] = await redis.xrevrange(keys.stream(partition, name), '+', '-', 'COUNT', 1);
        return last?.[0] ?? '0-0';
      } catch (error) {
        // A key of another type is somebody else's trouble: the other streams tell their part.
        if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
        return '0-0';
      }
    }),
  );
  return [inbound, outbound, approvals];
}
