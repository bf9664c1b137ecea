import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findViolations, untilSound } from '../tests/support/rooms-checker.ts';
import { appliedBy } from '../tests/support/rooms-checker-input.ts';
import { startRedis } from '../tests/support/start-redis.ts';
import { startSystem } from '../tests/support/start-system.ts';
import { startToolServer } from '../tests/support/tool-server.ts';
import { createRandom } from './soak/create-random.ts';
import { findUnheard } from './soak/find-unheard.ts';
import { killAtRandom } from './soak/kill-at-random.ts';
import { readOptions, type SoakOptions, usage } from './soak/read-options.ts';
import { countRooms } from './soak/report.ts';
import { review } from './soak/review.ts';
import { talk } from './soak/talk.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const options = optionsOrUsage();
process.exitCode = options === undefined ? 64 : await soak(options);

function optionsOrUsage(): SoakOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return undefined;
  }
}

/**
 * Load, kills, rest, then the verdict of the checker, which reads the rooms, the log of the records store and Redis.
 * Resolves to the exit code.
 */
async function soak(options: SoakOptions): Promise<number> {
  say(`seed ${options.seed}: ${options.minutes} min, ${options.users} users, by ${options.mode}`);
  const random = createRandom(options.seed);
  await using redis = await startRedis();
  await using tools = await startToolServer();
  await using system = await startSystem({
    redisUrl: redis.url,
    mode: options.mode,
    // One appservice has one address.
    replicas: { ingress: options.mode === 'sync' ? 2 : 1, worker: 3, egress: 2 },
    partitions: 8,
    env: { RECORDS_URL: tools.url },
  });
  const users = await Promise.all(
    Array.from({ length: options.users }, (_, index) => system.user(`user${index + 1}`)),
  );
  const group = await system.group(...users);
  const [loading, killing] = [new AbortController(), new AbortController()];
  const talking = users.map((user) => talk(system, user, group, random.fork(), loading.signal));
  const reviewing = review(system, random.fork(), loading.signal);
  const { everySeconds } = options;
  const harming = killAtRandom(system, redis, {
    everySeconds,
    random: random.fork(),
    signal: killing.signal,
  });
  await Promise.race([sleep(options.minutes * 60_000), ...talking, reviewing, harming]);
  loading.abort();
  const sent = (await Promise.all(talking)).reduce((sum, one) => sum + one, 0);
  const decisions = await reviewing;
  killing.abort();
  const harm = await harming;
  say(
    `sent ${sent} messages and ${decisions} decisions; ${[...harm].map(([what, n]) => `${n} ${what}`).join(', ')}`,
  );

  const away = system.processes().filter(({ isRunning }) => !isRunning);
  await system.start(away.map(({ name }) => name));
  await Promise.all(system.processes().map((one) => one.ready()));
  const startedAt = performance.now();
  const applied = () => appliedBy(tools);
  await untilSound(system, { applied }, options.restSeconds * 1_000).catch(() => undefined);
  say(`at rest after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  const violations = [...(await findViolations(system, { applied })), ...(await findUnheard(system))];
  const counts = await countRooms(system);
  say(
    `${counts.messages} messages, ${counts.answered} answered, ${counts.prompts} approvals, ${tools.applied.size} actions`,
  );
  say(`answered after ${counts.p50Ms} ms (p50), ${counts.p99Ms} ms (p99)`);
  for (const violation of violations) say(violation);
  if (violations.length > 0) {
    const file = `soak-${options.seed}.log`;
    await writeFile(file, system.logs());
    say(
      `logs are in ${file}; again with: npm run soak -- --minutes ${options.minutes} --seed ${options.seed} --users ${options.users}`,
    );
  }
  const broken = Math.max(violations.length, sent > counts.messages ? sent - counts.messages : 0);
  say(`${Math.max(0, counts.answered - violations.length)} passed, ${broken} failed`);
  return broken === 0 && counts.answered > 0 ? 0 : 1;
}
