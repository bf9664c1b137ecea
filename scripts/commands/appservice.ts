import { writeFile } from 'node:fs/promises';
import { userId } from '#contract/matrix-ids';
import { ghostSettings } from '#matrix/ghost-settings';
import { makeRegistration, type RegistrationOptions } from '../appservice/make-registration.ts';
import type { Command } from '../cli/command.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { parseOptions } from '../cli/parse-options.ts';

const usage = `Usage: vagent appservice registration --server NAME [--url URL] [--out FILE]
                                      [--sender vagent] [--bot NAME] [--prefix _vagent_] [--id vagent]

Makes the file by which a homeserver knows vagent as an application service, with new tokens: it pushes events to every
replica of ingress behind URL (http://127.0.0.1:9000), and each agent speaks as a user of its own,
e.g. @_vagent_billing:NAME. NAME is the part of user ids after the colon. Without --out the file is printed. --bot makes the bot another user than the
sender: for encrypted rooms on Synapse, which lets a sender read no /sync.
`;

/** The spec's, in small letters (Matrix spec, "User identifiers"). */
const isLocalpart = (text: string): boolean => /^[a-z0-9._=/+-]+$/.test(text);

export const appservice: Command = {
  usage,
  async run(args, { env, stdout, stderr }) {
    const { values, positionals } = parseOptions(args, {
      server: { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:9000' },
      out: { type: 'string' },
      sender: { type: 'string', default: 'vagent' },
      bot: { type: 'string' },
      prefix: { type: 'string', default: env['GHOST_PREFIX'] ?? '_vagent_' },
      id: { type: 'string', default: 'vagent' },
    });
    if (positionals.join(' ') !== 'registration')
      throw new UsageError(`"vagent appservice ${positionals.join(' ')}" is not a command`);
    const { server: serverName = '', url, sender, bot, prefix, id, out } = values;
    const options = { id, serverName, url: url.replace(/\/+$/, ''), sender, bot, prefix };
    check(options);
    const text = makeRegistration(options);
    if (out === undefined) stdout.write(text);
    else await keep(out, text);
    stderr.write(advice(options, out ?? 'registration.yaml'));
    return 0;
  },
};

function check({ id, serverName, url, sender, bot, prefix }: RegistrationOptions): void {
  if (serverName === '') throw new UsageError('--server is missing: the part of user ids after the colon');
  if (!isLocalpart(sender))
    throw new UsageError(
      `--sender is "${sender}": give small letters, digits, ".", "_", "=", "-", "/" or "+"`,
    );
  if (bot !== undefined && (!isLocalpart(bot) || bot === sender))
    throw new UsageError(`--bot is "${bot}": give another local part than the sender's, as for --sender`);
  if (!userId.safeParse(`@${sender}:${serverName}`).success)
    throw new UsageError(`--server is "${serverName}": @${sender}:${serverName} is no user id`);
  if (!ghostSettings.safeParse({ GHOST_PREFIX: prefix }).success)
    throw new UsageError(`--prefix is "${prefix}": give 2 to 64 small letters, digits, ".", "_" or "-"`);
  if (!['http:', 'https:'].includes(URL.parse(url)?.protocol ?? ''))
    throw new UsageError(`--url is "${url}": give a URL that begins with http:// or https://`);
  if (id.trim() === '') throw new UsageError('--id is blank');
}

/** Its tokens are for the homeserver and vagent alone. One that is there already is known to a homeserver. */
async function keep(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = isThere ? 'is there already: new tokens would lock vagent out' : 'cannot be written';
    throw new CommandError(`${file} ${why}. Name another file, or remove it first`, { cause: error });
  }
}

function advice({ serverName, sender, bot, prefix, url }: RegistrationOptions, file: string): string {
  const variables = ['MATRIX_MODE=appservice', `MATRIX_APPSERVICE_REGISTRATION=${file}`];
  if (bot !== undefined) variables.push(`MATRIX_USER=@${bot}:${serverName}`);
  if (prefix !== '_vagent_') variables.push(`GHOST_PREFIX=${prefix}`);
  return `
Keep it as a secret: its tokens are those of @${bot ?? sender}:${serverName} and of all its agents.
1. Give it to the homeserver, and restart that. Synapse: add the file to app_service_config_files.
2. Give the same file to ingress and egress: ${variables.join(' ')}
3. Have ${url} lead to APPSERVICE_PORT of ingress, of as many replicas as you like.
`;
}
