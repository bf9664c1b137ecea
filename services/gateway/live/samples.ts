import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { readMembers } from '#operations/gateway/read-members';
import { readSwitches } from '#operations/switches/read-switches';
import { redisNow } from '#streams/redis-now';
import { overview, type Sample } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';
import { countEvents } from './count-events.ts';
import { measureStreams } from './measure-streams.ts';

/** What the last hour looked like, oldest first. */
export interface Samples {
  list(): readonly Sample[];
}

const everyMs = 5_000;
const kept = (60 * 60_000) / everyMs;

/**
 * Takes a sample of the whole system every five seconds until `signal` is aborted, and keeps an hour of them. While Redis
 * is away there are none; what happened meanwhile counts in the next.
 */
export function takeSamples({
  transport,
  feed,
  log,
  signal,
}: Pick<RouteDeps, 'transport' | 'feed' | 'log' | 'signal'>): Samples {
  const samples: Sample[] = [];
  const counts = countEvents();
  const following = feed.followAll(counts);
  let isBusy = false;
  const take = async () => {
    // A slow Redis is not asked the same again before it has answered.
    if (isBusy) return;
    isBusy = true;
    try {
      const measured = await measureStreams(transport);
      samples.push({ ...measured, ...counts.take() });
      if (samples.length > kept) samples.shift();
    } catch (error) {
      log.debug({ err: error }, 'No sample could be taken');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void take(), everyMs);
  void take();
  const stop = () => {
    clearInterval(timer);
    following.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  return { list: () => samples };
}

/** `GET /api/v1/overview`, for viewers: one look at the whole system, and its last hour. */
export function overviewRoute(
  app: FastifyInstance,
  deps: Pick<RouteDeps, 'transport' | 'authentication'> & { readonly samples: Samples },
): void {
  const { transport, authentication, samples } = deps;
  const options = { preValidation: authentication.guard('viewer'), schema: { response: { 200: overview } } };
  app.withTypeProvider<ZodTypeProvider>().get('/api/v1/overview', options, async () => {
    const now = await redisNow(transport.redis);
    const [info, members, switches] = await Promise.all([
      transport.redis.info(),
      readMembers(transport, now),
      readSwitches(transport),
    ]);
    return {
      now: new Date(now).toISOString(),
      redis: {
        version: infoOf(info, 'redis_version'),
        usedBytes: Number(infoOf(info, 'used_memory')),
        maxBytes: Number(infoOf(info, 'maxmemory')),
      },
      members,
      samples: [...samples.list()],
      switches: [...switches],
    };
  });
}

/** A line of Redis' INFO, `name:value`; `0` where this server does not have it. */
function infoOf(info: string, name: string): string {
  const line = info.split(/\r?\n/).find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? '0';
}
