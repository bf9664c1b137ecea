import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createKeys } from '#contract/keys';
import type { Delivery } from '#streams/delivery';
import { redisAt } from './redis-at.ts';
import { startTestConsumer } from './test-consumer.ts';

/*
 * A worker in a process of its own, to be stopped and killed. Its orders come as texts of messages: "wait" goes on
 * once the key `<prefix>:go` exists, "kill" ends the process with SIGKILL, anything else takes 150 ms. Every
 * commit appends "<member> <text>" to the list `store` of its partition.
 */

const {
  url = '',
  prefix = '',
  member = '',
  leaseMs = 0,
} = JSON.parse(process.argv[2] ?? '{}') as {
  url?: string;
  prefix?: string;
  member?: string;
  leaseMs?: number;
};
const redis = new Redis(url);
const keys = createKeys(prefix);

async function handle({ entry, partition }: Delivery) {
  const text = entry.type === 'message.received' ? entry.body.text : '';
  process.stdout.write(`begun ${text}\n`);
  if (text === 'wait') while ((await redis.exists(`${prefix}:go`)) === 0) await sleep(20);
  else await sleep(text === 'kill' ? 50 : 150);
  if (text === 'kill') process.kill(process.pid, 'SIGKILL');
  return {
    outcome: 'replied',
    writes: [{ command: 'RPUSH' as const, key: keys.store(partition), args: [`${member} ${text}`] }],
    onEnd: (isWritten: boolean) =>
      void process.stdout.write(`${isWritten ? 'written' : 'refused'} ${text}\n`),
  };
}

await startTestConsumer(redisAt(url), prefix, member, { handle, leaseMs });
process.stdout.write('started\n');
// The test holds the other end: when it is gone, so is this process.
process.stdin.resume().on('end', () => process.exit(0));
