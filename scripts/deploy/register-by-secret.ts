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
  const url = new URL('/_synapse/admin/v1/register', homeserver);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined
        ? {}
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    text = await response.text();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HomeserverError(`${homeserver} does not answer (${reason}): start it`, { cause });
  }
  const { status } = response;
  const answer = parseJson(text);
  if (response.ok && answer !== undefined) return answer;
  const refusal = failure.safeParse(answer);
  const { errcode, error } = refusal.success
    ? refusal.data
    : { errcode: undefined, error: 'is that Synapse?' };
  const message = `${url} refused to make an account: ${status}, ${error}`;
  throw new HomeserverError(message, { status, errcode });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, for instance: the status says what there is to say.
    return undefined;
  }
}
