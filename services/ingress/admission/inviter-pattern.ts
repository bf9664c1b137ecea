import { userId } from '#contract/matrix-ids';

/** `*`, a user id, or `@*:domain`, which means every user of exactly this server. */
export function isInviterPattern(text: string): boolean {
  return text === '*' || userId.safeParse(text).success;
}

/** Whether `user` may invite; nobody may where the list is empty. */
export function isInviterAllowed(user: string, patterns: readonly string[]): boolean {
  const server = user.slice(user.indexOf(':'));
  return patterns.some((pattern) => pattern === '*' || pattern === user || pattern === `@*${server}`);
}
