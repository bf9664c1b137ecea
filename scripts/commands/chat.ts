import { askInTerminal } from '../chat/ask-in-terminal.ts';
import { openTabs } from '../chat/open-tabs.ts';
import { runLines } from '../chat/run-lines.ts';
import { runScreen } from '../chat/run-screen.ts';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { hasScreen } from '../cli/has-screen.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { untilSignalled } from '../cli/until-signalled.ts';

const usage = `Usage: vagent chat [--lines] [--json] [--wait SECONDS]

A conversation in this terminal: as yourself in a room with the bot and, with Tab, as the reviewer in the admin room.
It signs in to the system that "vagent up" runs in this folder. Anywhere else it asks, or reads:

  MATRIX_HOMESERVER, CHAT_USER, CHAT_PASSWORD      who you are (CHAT_PASSWORD_FILE for a file)
  CHAT_ROOM                                        the room; without it, the only one you are in, or it asks
  ADMIN_ROOM_ID                                    the admin room, to be the reviewer, too
  CHAT_REVIEWER, CHAT_REVIEWER_PASSWORD            who that is; without them, you

Without a terminal it reads lines and prints lines, and waits at the end of its input for what is not answered yet.

  --lines          lines also in a terminal, as always under TERM=dumb
  --json           lines as JSON objects
  --wait SECONDS   how long to wait at the end of the input (default 60)
`;

const longestWaitMs = 86_400_000;

export const chat: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      lines: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      wait: { type: 'string', default: '60' },
    });
    const waitMs = Number(values.wait) * 1000;
    if (!(waitMs >= 0 && waitMs <= longestWaitMs))
      throw new UsageError(`--wait is "${values.wait}": give a number of seconds, at most a day`);
    const isTerminal = terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
    const open = await openTabs(terminal.env, isTerminal ? askInTerminal() : undefined);
    try {
      if (!hasScreen(terminal) || values.lines || values.json) {
        return await runLines(open.tabs, terminal, { waitMs, asJson: values.json });
      }
      await untilSignalled((signal) => runScreen(open.tabs, terminal, { signal }));
      return 0;
    } finally {
      await open.close();
    }
  },
};
