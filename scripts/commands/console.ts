import { userId } from '#contract/matrix-ids';
import { createSignInCode, type SignIn, signIn, signInLink } from '#operations/gateway/sign-in-code';
import type { Environment } from '#runtime/read-config';
import type { Command } from '../cli/command.ts';
import { commandEnvironment } from '../cli/command-environment.ts';
import { UsageError } from '../cli/errors.ts';
import { openRedis } from '../cli/open-redis.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { findRunningSystem } from '../up/running-system.ts';
import { stateFolder } from '../up/state-folder.ts';

const usage = `Usage: vagent console [--as @user:server] [--role viewer|reviewer|operator] [--url URL]

Prints a link that signs somebody in to the console, once, within ten minutes. --as says whom, by default the first of
the REVIEWERS: what they decide is theirs. --role says what they may do, by default everything (operator). --url is
where the gateway is; it is known of the system that "vagent up" runs in this folder, and from GATEWAY_URL. The gateway
takes links where it has CONSOLE_LINKS=on.
`;

export const console: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      as: { type: 'string' },
      role: { type: 'string', default: 'operator' },
      url: { type: 'string' },
    });
    if (positionals.length > 0) throw new UsageError(`"vagent console" takes no "${positionals[0]}"`);
    const role = signIn.shape.role.safeParse(values.role);
    if (!role.success || role.data === 'user')
      throw new UsageError(`--role is "${values.role}": give viewer, reviewer or operator`);
    const user = await whomOf(values.as, terminal.env);
    const url = await placeOf(values.url, terminal.env);
    await using transport = await openRedis(terminal.env);
    const who: SignIn = { user, name: user.slice(1).split(':', 1)[0] ?? user, role: role.data };
    const link = signInLink(url, await createSignInCode(transport, who));
    terminal.stdout.write(`${link}\n`);
    return 0;
  },
};

async function whomOf(as: string | undefined, env: Environment): Promise<string> {
  const reviewers = (await commandEnvironment(env))['REVIEWERS'] ?? '';
  const user = userId.safeParse(as ?? reviewers.split(',')[0]?.trim());
  if (user.success) return user.data;
  const given = as === undefined ? 'Who signs in?' : `"${as}" is no user id.`;
  throw new UsageError(`${given} Add --as with a user id, e.g. --as @ana:example.org`);
}

async function placeOf(url: string | undefined, env: Environment): Promise<string> {
  const running = await findRunningSystem(stateFolder(env));
  const ours = running?.services.find(({ name }) => name === 'gateway')?.healthUrl;
  const place = url ?? env['GATEWAY_URL'] ?? ours;
  const parsed = URL.parse(place ?? '');
  if (parsed !== null && ['http:', 'https:'].includes(parsed.protocol)) return parsed.origin;
  throw new UsageError('Where is the gateway? Add --url, e.g. --url https://vagent.example.org');
}
