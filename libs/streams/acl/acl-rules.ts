import { commandSets } from './command-sets.ts';
import { keyAreas } from './key-areas.ts';
import type { RedisUser } from './redis-user.ts';

/**
 * The rules of one user as words of `ACL SETUSER`, without its password: the commands that it runs, the keys that it
 * writes (`~`) or only reads (`%R~`), no channel of pub/sub. All else is refused.
 *
 * @param prefix `KEY_PREFIX`; what it allows (letters, digits, dots, underscores, hyphens) means itself in a pattern.
 */
export function aclRules(user: RedisUser, prefix: string): string[] {
  const keys = keyAreas.flatMap(({ pattern, write, read = [] }) => {
    if (write.includes(user)) return [`~${prefix}:${pattern}`];
    return read.includes(user) ? [`%R~${prefix}:${pattern}`] : [];
  });
  const commands = [...new Set(commandSets[user])].sort().map((command) => `+${command}`);
  return ['resetkeys', 'resetchannels', '-@all', ...commands, ...keys];
}
