import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '#contract/partition-of';
import { resetSession } from '#operations/sessions/reset-session';
import type { Transport } from '#streams/open-transport';

export interface SettleOptions {
  readonly by: string;
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** So many conversations are asked to end at a time: workers have others to serve. */
const atOnce = 20;
const pollMs = 100;

/**
 * Has the worker of each conversation forget it, in the conversation's own order: whoever works on it now drops what is
 * in its hands, and what it asked for is withdrawn.
 *
 * @returns the conversations whose worker did not come to it in time.
 */
export async function settleSessions(
  transport: Transport,
  sessions: readonly string[],
  { by, deadline, signal }: SettleOptions,
): Promise<string[]> {
  const late: string[] = [];
  for (let from = 0; from < sessions.length; from += atOnce) {
    const some = sessions.slice(from, from + atOnce);
    const facts = await Promise.all(some.map((session) => resetSession(transport, session, by)));
    for (const [index, session] of some.entries())
      if (!(await isDone(transport, session, facts[index] ?? '', { deadline, signal }))) late.push(session);
  }
  return late;
}

/** The ledger names the entry while it waits, and its outcome afterwards. */
async function isDone(
  { redis, keys, partitions }: Transport,
  session: string,
  fact: string,
  { deadline, signal }: Pick<SettleOptions, 'deadline' | 'signal'>,
): Promise<boolean> {
  const key = keys.fact(partitionOf(session, partitions), fact);
  for (;;) {
    const said = await redis.get(key);
    if (said?.startsWith('done') === true) return true;
    if (said === 'dead' || performance.now() > deadline) return false;
    await sleep(pollMs, undefined, { signal });
  }
}
