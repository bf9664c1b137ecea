import { eraseMemories } from '#agents/memory/erase-memories';
import { userId } from '#contract/matrix-ids';
import { UsageError } from '../cli/errors.ts';
import { openRedis, readRedisSettings } from '../cli/open-redis.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';

/** `vagent sessions forget`: erases the memory of a person and says how much it was. */
export async function forgetPerson(
  user: string | undefined,
  isMeant: boolean,
  { env, stdout }: Terminal,
): Promise<number> {
  const given = userId.safeParse(user);
  if (!given.success) {
    throw new UsageError('Whom? Give the whole Matrix user id, such as "@ann:example.org", in quotes');
  }
  const who = printable(given.data);
  if (!isMeant) {
    stdout.write(
      `Everything remembered of ${who} would be erased. Nothing was changed. Add --yes to do it.\n`,
    );
    return 0;
  }
  await using transport = await openRedis(env);
  const { keyPrefix } = (await readRedisSettings(env)).redis;
  const count = await eraseMemories({ redis: transport.redis, prefix: keyPrefix }, given.data);
  const what = count === 1 ? '1 conversation' : `${count} conversations`;
  stdout.write(
    count === 0
      ? `Nothing was remembered of ${who}.\n`
      : `Erased: what was remembered of ${what} with ${who}, and their share in the counts of their organisation. Nothing is left.\n`,
  );
  return 0;
}
