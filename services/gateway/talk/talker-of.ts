import type { IncomingHttpHeaders } from 'node:http';
import { apiUserOf } from '#contract/api-session';
import type { Caller } from '../caller.ts';

/**
 * Who speaks when a caller sends a message: they themselves; or from the console's playground (`x-vagent-play: 1`) a user
 * who exists for that alone, since a reviewer may not decide on their own requests.
 */
export function talkerOf({ user, via }: Pick<Caller, 'user' | 'via'>, headers: IncomingHttpHeaders): string {
  return via === 'console' && headers['x-vagent-play'] === '1' ? apiUserOf(`playground:${user}`) : user;
}
