import { parseSessionId } from '#contract/session-id';

/** Somebody, and everything by which keys and values show that they are about them. */
export interface Person {
  readonly user: string;
  /** Whether a text names them, in any spelling that vagent uses. Names that only begin alike do not count. */
  isNamedIn(text: string): boolean;
  /** Whether it is the id of one of their conversations. */
  ownsSession(session: unknown): boolean;
  /** Whether a key of Redis is theirs by its name. */
  ownsKey(key: string): boolean;
}

export interface Spellings {
  /** How a user id is written as a part of a key. */
  readonly inKeys: (part: string) => string;
  /** Names that stand for the person without showing them. */
  readonly digests: readonly string[];
}

/** @param user a whole Matrix user id. */
export function createPerson(user: string, { inKeys, digests }: Spellings): Person {
  const inKey = inKeys(user);
  const names = new Set([user, inKey, JSON.stringify(user).slice(1, -1)]);
  // `@ann:example.org` is not meant by `@ann:example.org:8448`, nor by `@ann:example.organic`.
  const named = new RegExp(
    `(?:${[...names].map(asPattern).join('|')})(?![0-9A-Za-z-]|\\.[0-9A-Za-z]|(?::|%3A)[0-9])`,
    'u',
  );
  // Sessions end with the user, and neither a server nor a local part holds `:@`: the end tells exactly whose it is.
  const endings = [`:${user}`, `${inKeys(':')}${inKey}`];
  return {
    user,
    isNamedIn: (text) => named.test(text) || digests.some((digest) => text.includes(digest)),
    ownsSession: (session) => typeof session === 'string' && parseSessionId(session)?.user === user,
    ownsKey: (key) => {
      const name = key.replace(/:(?:data|index)$/, '');
      return endings.some((ending) => name.endsWith(ending)) || key.includes(`:user:${inKey}}`);
    },
  };
}

/** A text as a pattern that means itself. */
function asPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
