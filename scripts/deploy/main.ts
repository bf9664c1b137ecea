import { chown } from 'node:fs/promises';
import process from 'node:process';
import { HomeserverError } from '../chat/errors.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { makePeople } from './make-people.ts';
import { makeSecrets } from './make-secrets.ts';
import { SecretsFolder } from './secrets-folder.ts';

const usage = `Usage: node scripts/deploy/main.ts secrets FOLDER [--prefix KEY_PREFIX] [--readable] [--own PATH=UID:GID]
       node scripts/deploy/main.ts people FOLDER HOMESERVER [--readable]

"secrets" makes up every secret that is missing in FOLDER, one subfolder for each service, and writes the ACL file of
Redis anew. "people" makes the accounts and rooms of a first try on a Synapse that knows the registration secret, and
prints who may sign in. Both change nothing that is there. --readable is for volumes that each are one service's own; --own
gives a new volume to the user who writes there.
`;

const { values, positionals } = readOptions();
const [what, root, homeserver] = positionals;
if (root === undefined) fail(usage);
const folder = new SecretsFolder(root, values.readable ? 0o644 : 0o600);

try {
  if (what === 'secrets') {
    await makeSecrets(folder, values.prefix);
    for (const one of values.own) await own(one);
  } else if (what === 'people' && homeserver !== undefined) await tellPeople(homeserver);
  else fail(usage);
} catch (error) {
  if (!(error instanceof CommandError || error instanceof HomeserverError)) throw error;
  fail(`${error.message}\n`);
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2), {
      prefix: { type: 'string', default: 'vagent' },
      readable: { type: 'boolean', default: false },
      own: { type: 'string', multiple: true, default: [] },
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(`${error.message}\n${usage}`);
  }
}

async function own(given: string): Promise<void> {
  const [, path, user, group] = /^(.+)=(\d+):(\d+)$/.exec(given) ?? fail(usage);
  await chown(path ?? '', Number(user), Number(group));
}

async function tellPeople(place: string): Promise<void> {
  const { you, reviewer, adminRoom, talkRoom } = await makePeople(folder, place);
  process.stdout.write(
    [
      `You       ${you.userId}  ${you.password}  talk to the bot in ${talkRoom}`,
      `Reviewer  ${reviewer.userId}  ${reviewer.password}  decides in ${adminRoom}`,
      '',
    ].join('\n'),
  );
}

function fail(text: string): never {
  process.stderr.write(text);
  process.exit(1);
}
