import { once } from 'node:events';
import { join } from 'node:path';
import { createLog } from '#runtime/create-log';
import { formatLine } from '#runtime/format-line';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { hasScreen } from '../cli/has-screen.ts';
import { parseOptions } from '../cli/parse-options.ts';
import type { Terminal } from '../cli/terminal.ts';
import { createLogReporter } from '../up/log-reporter.ts';
import { runInTerminal } from '../up/run-in-terminal.ts';
import { runSystem } from '../up/run-system.ts';
import { stateFolder } from '../up/state-folder.ts';
import { System } from '../up/system.ts';

const usage = `Usage: vagent up [--workers N] [--no-chat]

Runs the whole system on this machine: Redis, homeserver, ingress, workers, egress, clock and gateway. What the environment
does not name is set up here and kept in .vagent (or VAGENT_DIR): an own Redis, and a homeserver on loopback with the
bot, you and a reviewer. In a terminal it opens a conversation; elsewhere it writes the log as JSON lines until SIGINT
or SIGTERM. Ctrl-C stops everything.

  --workers N   how many workers (default 2)
  --no-chat     the log instead of the conversation

  REDIS_URL (or REDIS_SENTINELS, REDIS_CLUSTER_NODES)   an own Redis is started without
  MATRIX_HOMESERVER, MATRIX_USER, MATRIX_PASSWORD, ADMIN_ROOM_ID, REVIEWERS, ALLOWED_ROOMS, ALLOWED_INVITERS
                                                        the embedded homeserver is used without
`;

export const up: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      workers: { type: 'string', default: '2' },
      'no-chat': { type: 'boolean', default: false },
    });
    const workers = Number(values.workers);
    if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
      throw new UsageError(`--workers is "${values.workers}": give a whole number from 1 to 64`);
    }
    if (hasScreen(terminal) && !values['no-chat']) return runInTerminal(workers, terminal);
    return runAsServices(workers, terminal);
  },
};

async function runAsServices(workers: number, terminal: Terminal): Promise<number> {
  const folder = stateFolder(terminal.env);
  const log = createLog({ service: 'vagent', level: terminal.env['LOG_LEVEL'] ?? 'info' });
  const reporter = createLogReporter(log, { write: (line) => writeLine(terminal, line) });
  const homeserverLog = log.child({ service: 'homeserver' });
  const system = new System({ env: terminal.env, folder, workers, reporter, log: homeserverLog });
  await runSystem(system, reporter, async (signal) => {
    reporter.info('Ready', {
      ...whereToTalk(system, folder),
      chat: 'npx vagent chat',
      console: 'npx vagent console',
    });
    if (!signal.aborted) await once(signal, 'abort');
  });
  reporter.info('Stopped');
  return 0;
}

function whereToTalk({ homeserver }: System, folder: string): object {
  const household = homeserver?.household;
  if (household === undefined) return { homeserver: homeserver?.url };
  return {
    homeserver: homeserver?.url,
    talkRoom: household.talkRoom,
    adminRoom: household.adminRoom,
    bot: household.bot.userId,
    you: household.you.userId,
    reviewer: household.reviewer.userId,
    accountsIn: join(folder, 'homeserver', 'people.json'),
  };
}

function writeLine(terminal: Terminal, line: string): void {
  const isPretty = terminal.stdout.isTTY === true;
  terminal.stdout.write(isPretty ? formatLine(line, { colours: !terminal.env['NO_COLOR'] }) : line);
}
