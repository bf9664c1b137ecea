import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { HomeserverError } from '../chat/errors.ts';
import { Person } from '../chat/person.ts';

const nonceAnswer = z.object({ nonce: z.string() });
const account = z.object({ user_id: z.string(), access_token: z.string() });
const failure = z.object({ errcode: z.string(), error: z.string() });

/**
 * Makes an account that is no administrator, with Synapse's `registration_shared_secret` (admin API, shared-secret
 * registration).
 *
 * @throws {HomeserverError} with errcode M_USER_IN_USE where there is one.
 */
export async function registerBySecret(
  secret: string,
  homeserver: string,
  username: string,
  password: string,
): Promise<Person> {
  const { nonce } = nonceAnswer.parse(await ask(homeserver));
  const proven = [nonce, username, password, 'notadmin'].join('\0');
  const mac = createHmac('sha1', secret).update(proven).digest('hex');
  const made = account.parse(await ask(homeserver, { nonce, username, password, mac, admin: false }));
  return new Person(homeserver, made.user_id, made.access_token);
}

async function ask(homeserver: string, body?: object): Promise<unknown> {
  const response = await fetch(new URL('/_synapse/admin/v1/register', homeserver), {
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { errcode, error } = failure.parse(answer);
  throw new HomeserverError(`The homeserver refused to make an account: ${error}`, {
    status: response.status,
    errcode,
  });
}
