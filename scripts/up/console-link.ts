import { userId } from '#contract/matrix-ids';
import { createSignInCode, type SignIn, signInLink } from '#operations/gateway/sign-in-code';
import type { Environment } from '#runtime/read-config';
import { openRedis } from '../cli/open-redis.ts';
import { findRunningSystem } from './running-system.ts';
import { stateFolder } from './state-folder.ts';
import type { System } from './system.ts';

/** A single-use link to the console of the system that runs in this folder; undefined where none does. */
export async function makeConsoleLink(
  env: Environment,
  who: SignIn | undefined,
): Promise<string | undefined> {
  const running = await findRunningSystem(stateFolder(env));
  const gateway = running?.services.find(({ name }) => name === 'gateway');
  if (gateway === undefined || who === undefined) return undefined;
  await using transport = await openRedis(env);
  return signInLink(gateway.healthUrl, await createSignInCode(transport, who));
}

/** Who may do everything in the console of their own system: its reviewer. */
export function ownerOf({ homeserver, deps }: Pick<System, 'homeserver' | 'deps'>): SignIn | undefined {
  const reviewer = homeserver?.household?.reviewer.userId ?? deps.env['REVIEWERS']?.split(',')[0]?.trim();
  const user = userId.safeParse(reviewer);
  return user.success ? { user: user.data, name: 'Reviewer', role: 'operator' } : undefined;
}
