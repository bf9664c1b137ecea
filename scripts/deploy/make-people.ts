import { mkdir } from 'node:fs/promises';
import { CommandError } from '../cli/errors.ts';
import { type Household, setUpPeople } from '../up/set-up-people.ts';
import { registerBySecret } from './register-by-secret.ts';
import type { SecretsFolder } from './secrets-folder.ts';

/**
 * The bot, you, a reviewer, the admin room and a room to talk in on a Synapse of our own, made where they are missing;
 * what the services need of it becomes files of theirs.
 */
export async function makePeople(folder: SecretsFolder, homeserver: string): Promise<Household> {
  const secret = await folder.read('synapse', 'registration-secret');
  if (secret === undefined)
    throw new CommandError(
      `${folder.pathOf('synapse', 'registration-secret')} is missing: run "secrets" before`,
    );
  const own = folder.pathOf('people');
  await mkdir(own, { recursive: true });
  const household = await setUpPeople(homeserver, own, (place, name, password) =>
    registerBySecret(secret, place, name, password),
  );
  const { bot, reviewer, adminRoom } = household;
  for (const owner of ['ingress', 'egress', 'operator']) {
    await folder.write(owner, 'matrix-password', bot.password);
  }
  for (const owner of ['ingress', 'worker', 'egress', 'operator']) {
    await folder.write(owner, 'admin-room', adminRoom);
  }
  for (const owner of ['ingress', 'worker', 'operator'])
    await folder.write(owner, 'reviewers', reviewer.userId);
  return household;
}
