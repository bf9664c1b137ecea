import process from 'node:process';
import { BadRequestError } from '#operations/errors';
import { ConfigError } from '#runtime/errors';
import type { Command } from './cli/command.ts';
import { CommandError, UsageError } from './cli/errors.ts';
import { nearestWord } from './cli/nearest-word.ts';
import { paintFor } from './cli/paint.ts';
import type { Terminal } from './cli/terminal.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Loaded one by one, so that `--help` answers at once. */
const commands: Readonly<Record<string, Entry>> = {
  up: {
    summary: 'run the whole system on this machine, and talk to it',
    load: async () => (await import('./commands/up.ts')).up,
  },
  chat: {
    summary: 'talk to the bot, and decide as the reviewer, in this terminal',
    load: async () => (await import('./commands/chat.ts')).chat,
  },
  console: {
    summary: 'print a link that signs somebody in to the console, once',
    load: async () => (await import('./commands/console.ts')).console,
  },
  doctor: {
    summary: 'check Redis, homeserver, rooms and services, and say how to mend what is wrong',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  appservice: {
    summary: 'make the registration file that a homeserver needs to push to vagent',
    load: async () => (await import('./commands/appservice.ts')).appservice,
  },
  streams: {
    summary: 'length, lag, pending and lease of every partition',
    load: async () => (await import('./commands/streams.ts')).streams,
  },
  sessions: {
    summary: 'list, show and reset conversations',
    load: async () => (await import('./commands/sessions.ts')).sessions,
  },
  approvals: {
    summary: 'list, show and decide what waits for a human; verify the audit',
    load: async () => (await import('./commands/approvals.ts')).approvals,
  },
  playbook: {
    summary: 'check, test and measure the folder that says what the bot does and knows',
    load: async () => (await import('./commands/playbook.ts')).playbook,
  },
  switches: {
    summary: 'switch rooms, agents, tools or everything off, and on again',
    load: async () => (await import('./commands/switches.ts')).switches,
  },
  tokens: {
    summary: 'revoke tokens and sign-ins of the gateway, and list what is revoked',
    load: async () => (await import('./commands/tokens.ts')).tokens,
  },
  crypto: {
    summary: 'keys and devices of the bot in encrypted rooms',
    load: async () => (await import('./commands/crypto.ts')).crypto,
  },
  why: {
    summary: 'how a reply came about: route, steps, tools, approvals, retries, cost',
    load: async () => (await import('./commands/why.ts')).why,
  },
  top: {
    summary: 'lag, latency, workers, approvals and conversations, live in this terminal',
    load: async () => (await import('./commands/top.ts')).top,
  },
  erase: {
    summary: 'remove everything of a person, and prove that nothing is left',
    load: async () => (await import('./commands/erase.ts')).erase,
  },
  dead: {
    summary: 'list, show, replay and drop dead letters',
    load: async () => (await import('./commands/dead.ts')).dead,
  },
};

const exitCodes = { usage: 2, failed: 1, config: 78 };

/** What libraries throw of which the message says all: what is wrong, and what to do. */
const expectedErrors = new Set([
  'RedisSetupError',
  'NotFoundError',
  'ConflictError',
  'ForbiddenError',
  'HomeserverError',
]);

silenceKnownWarnings();
process.exitCode = await main(process.argv.slice(2), process);

async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.stdout.write(overview(terminal));
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const meant = nearestWord(name, Object.keys(commands));
    const hint = meant === undefined ? 'See vagent --help' : `Did you mean "vagent ${meant}"?`;
    terminal.stderr.write(`vagent has no command "${name}". ${hint}\n`);
    return exitCodes.usage;
  }
  // Nobody reads on, as in "vagent dead list | head": no failure. "up" has processes to end first, and sees to it itself.
  if (name !== 'up') terminal.stdout.on('error', endWithReader);
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    const meant = await command.find?.(rest[0] ?? '');
    terminal.stdout.write((meant ?? command).usage);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return tell(error, name, terminal);
  }
}

function endWithReader(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
  process.exit(0);
}

async function tell(error: unknown, name: string, { stderr }: Terminal): Promise<number> {
  if (error instanceof UsageError || error instanceof BadRequestError) {
    stderr.write(`${error.message}\nSee vagent ${name} --help\n`);
    return exitCodes.usage;
  }
  if (error instanceof ConfigError) {
    stderr.write(`vagent ${name} cannot start. ${error.message}\n`);
    return exitCodes.config;
  }
  const isExpected =
    error instanceof CommandError || (error instanceof Error && expectedErrors.has(error.name));
  // Loaded only here, so that `--help` answers at once.
  const { isRedisUnavailable } = await import('#streams/redis-errors');
  if (isExpected) stderr.write(`${error.message}\n`);
  else if (error instanceof Error && isRedisUnavailable(error))
    stderr.write(`Redis did not do it (${error.message}): vagent doctor tells what is wrong with it\n`);
  else
    stderr.write(
      `vagent ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return exitCodes.failed;
}

function overview(terminal: Terminal): string {
  const paint = paintFor(terminal);
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  ${paint('cyan', name.padEnd(10))} ${summary}`,
  );
  return [
    `${paint('bold', 'vagent')}: AI agents in Matrix rooms, with human approvals`,
    '',
    'Usage: vagent <command> [options]',
    '',
    ...rows,
    '',
    'Where Redis and the homeserver are is read from the environment (REDIS_URL, MATRIX_HOMESERVER, …), or else',
    'from the system that "vagent up" runs in this folder. "vagent <command> --help" tells more.',
    '',
  ].join('\n');
}

/** Node and a dependency announce on every start what nobody at the terminal can change. */
function silenceKnownWarnings(): void {
  const print = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const isKnown =
      warning.name === 'ExperimentalWarning' || ('code' in warning && warning.code === 'DEP0060');
    if (!isKnown) for (const listener of print) listener(warning);
  });
}
