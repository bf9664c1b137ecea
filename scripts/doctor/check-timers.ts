import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { redisErrorCode } from '#streams/script';
import { type Finding, fail, ok, warn } from './finding.ts';

const check = 'Timers';
const overdueMs = 60_000;

/** The timers that have not fired, against the delayed jobs of BullMQ that wake the clock for them. */
export async function checkTimers({ redis, keys, partitions }: Transport): Promise<Finding[]> {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const now = await redisNow(redis);
  const due = now - overdueMs;
  const [counts, overdue] = await Promise.all([
    Promise.all(all.map((partition) => redis.hlen(keys.timers(partition)))),
    Promise.all(all.map((partition) => redis.zcount(keys.timersDue(partition), '-inf', due))),
  ]);
  const timers = sum(counts);
  const queue = `${keys.bullPrefix()}:timers`;
  try {
    const [delayed, waiting, active, failed] = await Promise.all([
      redis.zcard(`${queue}:delayed`),
      redis.llen(`${queue}:wait`),
      redis.llen(`${queue}:active`),
      redis.zcard(`${queue}:failed`),
    ]);
    return [checkDue(timers, sum(overdue)), checkJobs(timers, delayed + waiting + active, failed)];
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    return [
      fail(
        'BullMQ',
        `keys under ${queue} are not BullMQ's`,
        'Somebody wrote there: delete them with the clock stopped, it makes them anew from the timers',
      ),
    ];
  }
}

function checkDue(timers: number, overdue: number): Finding {
  if (overdue === 0) return ok(check, `${timers} wait, none is overdue`);
  return fail(
    check,
    `${overdue} of ${timers} are overdue by more than a minute`,
    'See that a clock runs, and look at its log',
  );
}

function checkJobs(timers: number, jobs: number, failed: number): Finding {
  if (jobs < timers) {
    return warn(
      'BullMQ',
      `${jobs} jobs for ${timers} timers`,
      'The clock adds what is missing from the timers by itself: see that one runs',
    );
  }
  if (failed > 0)
    return warn(
      'BullMQ',
      `${failed} jobs failed`,
      'The log of the clock says why; timers are kept apart from jobs and still fire',
    );
  return ok('BullMQ', `${jobs} jobs for ${timers} timers`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
