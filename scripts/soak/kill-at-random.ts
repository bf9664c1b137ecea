import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../tests/support/start-redis.ts';
import type { System } from '../../tests/support/start-system.ts';
import type { SystemProcess } from '../../tests/support/system-process.ts';
import type { Random } from './create-random.ts';

/** What was done to the system, by name of the service or `redis`, e.g. `worker kill`. */
export type Harm = Map<string, number>;

/** Kills, freezes and stops processes and Redis until the signal; each comes back after a moment. */
export async function killAtRandom(
  system: System,
  redis: RedisServer,
  { everySeconds, random, signal }: { everySeconds: number; random: Random; signal: AbortSignal },
): Promise<Harm> {
  const harm: Harm = new Map();
  const count = (what: string): void => void harm.set(what, (harm.get(what) ?? 0) + 1);
  const healing = new Set<Promise<void>>();
  const later = (ms: number, heal: () => Promise<void> | void): void => {
    const healed = sleep(ms).then(heal);
    healing.add(healed);
    // One that failed stays: it is told at the end.
    healed.then(
      () => healing.delete(healed),
      () => undefined,
    );
  };
  while (!signal.aborted) {
    const pauseMs = everySeconds * 1_000 * (0.3 + random.number() * 1.4);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    if (random.chance(10)) {
      count('redis kill');
      await redis.kill();
      await sleep(random.between(0, 1_500));
      await redis.start();
      continue;
    }
    const running = system.processes().filter(({ isRunning }) => isRunning);
    const [first, ...others] = running;
    if (first === undefined) continue;
    const victim = random.pick([first, ...others]);
    await harmOne(victim, random, count, later);
  }
  await Promise.all(healing);
  return harm;
}

async function harmOne(
  victim: SystemProcess,
  random: Random,
  count: (what: string) => void,
  later: (ms: number, heal: () => Promise<void> | void) => void,
): Promise<void> {
  const dice = random.between(1, 100);
  if (dice <= 12) {
    count(`${victim.service} freeze`);
    victim.freeze();
    later(random.between(500, 9_000), () => victim.thaw());
    return;
  }
  const signal = dice <= 22 ? 'SIGTERM' : 'SIGKILL';
  count(`${victim.service} ${signal === 'SIGTERM' ? 'stop' : 'kill'}`);
  // A frozen process takes SIGTERM only when it wakes up.
  victim.thaw();
  await victim.kill(signal);
  later(random.between(0, 2_000), () => victim.start());
}
