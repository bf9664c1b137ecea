import { createHash } from 'node:crypto';
import { aclRules } from './acl-rules.ts';
import { redisUsers } from './redis-user.ts';

/**
 * Who keeps Redis itself running: `replica` and `sentinel` as the documentation of Redis lists their commands,
 * `probe` for health checks, `keeper` for a person at `redis-cli` (backups, CONFIG, ACL): all rights, used by no service.
 */
const keepers: Readonly<Record<string, readonly string[]>> = {
  replica: ['resetchannels', '-@all', '+psync', '+replconf', '+ping'],
  sentinel: [
    'allchannels',
    '-@all',
    ...['+multi', '+slaveof', '+replicaof', '+ping', '+exec', '+subscribe', '+config|rewrite', '+role'],
    ...['+publish', '+info', '+client|setname', '+client|kill', '+script|kill'],
  ],
  probe: ['resetchannels', '-@all', '+ping', '+info', '+role'],
  keeper: ['~*', '&*', '+@all'],
};

/**
 * Nobody can be the default user. Its rights are there for Redis itself: it loads the append-only file as this user, and
 * leaves out every transaction that the user may not do, without a word (measured with 7.0.15; redis/redis#14541,
 * valkey-io/valkey#3983). Scripts of several writes are transactions there: with `-@all`, a restart would lose most of
 * what was acknowledged.
 */
const defaultUser = 'user default off resetpass ~* &* +@all';

/** Everybody who needs a password, in the order of the file. */
export const aclUsers: readonly string[] = [...redisUsers, ...Object.keys(keepers)];

/**
 * The text of Redis' `aclfile`. Passwords are kept as their SHA-256, as `ACL SAVE` does. There is no default user: who
 * does not sign in can do nothing.
 *
 * @param passwords of every one of `aclUsers`, long and random: a SHA-256 hides no word of a dictionary.
 */
export function aclFile(prefix: string, passwords: Readonly<Record<string, string>>): string {
  const password = (user: string): string => {
    const given = passwords[user];
    if (given === undefined || given === '') throw new TypeError(`No password for the Redis user ${user}`);
    return `#${createHash('sha256').update(given).digest('hex')}`;
  };
  const line = (user: string, rules: readonly string[]): string =>
    ['user', user, 'on', password(user), ...rules].join(' ');
  return [
    defaultUser,
    ...redisUsers.map((user) => line(user, aclRules(user, prefix))),
    ...Object.entries(keepers).map(([user, rules]) => line(user, rules)),
    '',
  ].join('\n');
}
