import { join } from 'node:path';
import { createLog } from '#runtime/create-log';
import { openHouseholdTabs } from '../chat/open-household-tabs.ts';
import { runScreen } from '../chat/run-screen.ts';
import { type Paint, paintFor } from '../cli/paint.ts';
import type { Terminal } from '../cli/terminal.ts';
import { makeConsoleLink, ownerOf } from './console-link.ts';
import { runSystem } from './run-system.ts';
import { createStateFolder, stateFolder } from './state-folder.ts';
import { System } from './system.ts';
import { createTerminalReporter, type TerminalReporter } from './terminal-reporter.ts';

/** Runs the system for somebody at a terminal: progress, where to talk to it, and the conversation until they leave. */
export async function runInTerminal(workers: number, terminal: Terminal): Promise<number> {
  const { env, stdout } = terminal;
  const folder = stateFolder(env);
  const paint = paintFor(terminal);
  await createStateFolder(folder);
  using reporter = createTerminalReporter(stdout, join(folder, 'logs'), paint);
  const output = { write: (line: string) => reporter.serviceLine('homeserver', line.trimEnd()) };
  const log = createLog({ service: 'homeserver', level: env['LOG_LEVEL'] ?? 'info', format: 'json', output });
  stdout.write(`\n ${paint('bold', 'vagent')} ${paint('dim', 'starts on this machine')}\n\n`);
  const system = new System({ env, folder, workers, reporter, log });
  await runSystem(system, reporter, async (signal) => {
    const console = await makeConsoleLink(env, ownerOf(system));
    stdout.write(whereToTalk(system, { folder, console }, paint));
    await converse(system, terminal, reporter, { signal, page: console });
    if (!signal.aborted) stdout.write(`\n ${paint('dim', 'Stops everything …')}\n`);
  });
  stdout.write(` ${paint('green', '✓')} Stopped. Everything is kept in ${folder} for the next time\n`);
  return 0;
}

async function converse(
  { homeserver }: System,
  terminal: Terminal,
  reporter: TerminalReporter,
  { signal, page }: { signal: AbortSignal; page: string | undefined },
): Promise<void> {
  if (homeserver?.household === undefined) {
    reporter.info('Runs until Ctrl-C. Talk to the bot with any Matrix client, or: npx vagent chat');
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return;
  }
  const open = await openHouseholdTabs(homeserver.url, homeserver.household);
  try {
    await runScreen(open.tabs, terminal, { signal, page, onNews: (show) => reporter.divertTo(show) });
  } finally {
    reporter.divertTo(undefined);
    await open.close();
  }
}

function whereToTalk(
  { homeserver }: System,
  { folder, console }: { folder: string; console: string | undefined },
  paint: Paint,
): string {
  const household = homeserver?.household;
  const page = console === undefined ? [] : [['console', `${console} (works once)`]];
  const rows =
    household === undefined
      ? [...page, ['logs', join(folder, 'logs')]]
      : [
          ...page,
          ['homeserver', `${homeserver?.url} (in Element: "Other homeserver")`],
          ['you', household.you.userId],
          ['talk in', household.talkRoom],
          ['reviewer', household.reviewer.userId],
          ['decides in', household.adminRoom],
          ['passwords', join(folder, 'homeserver', 'people.json')],
          ['logs', join(folder, 'logs')],
        ];
  const lines = rows.map(([name = '', text = '']) => `   ${paint('dim', name.padEnd(11))} ${text}\n`);
  return `\n${lines.join('')}\n`;
}
