import { userInfo } from 'node:os';
import { parseSessionId } from '#contract/session-id';
import { listOpenApprovals } from '#operations/approvals/find-approvals';
import { resetSession } from '#operations/sessions/reset-session';
import { listSessions, readSession } from '#operations/sessions/session-state';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import type { Command } from '../cli/command.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { formatDuration } from '../cli/format-duration.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import { forgetPerson } from './forget-person.ts';
import { readCheckpoint } from './read-checkpoint.ts';

const usage = `Usage: vagent sessions [list] [--count N] [--json]
       vagent sessions show SESSION [--checkpoint] [--json]
       vagent sessions reset SESSION [--yes]
       vagent sessions forget @USER:SERVER [--yes]

Conversations, the one with the latest turn first. SESSION is ROOM:THREAD:USER as listed, with "main" for the thread
of a room's main timeline. "show --checkpoint" prints what the worker goes on from, history and all: in Redis it may be
compressed or sealed. "reset" makes the bot forget the conversation and withdraws what it asked a human for; it
is done in the conversation's own order, behind what was said before. "forget" erases what is remembered of a person
beyond their conversations, for themselves and for their organisation; a conversation that goes on is not touched.
`;

export const sessions: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      count: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
      checkpoint: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    });
    const [what = 'list', session] = positionals;
    if (what === 'forget') return await forgetPerson(session, values.yes, terminal);
    if (!['list', 'show', 'reset'].includes(what))
      throw new UsageError(`"vagent sessions ${what}" is not a command`);
    if (what !== 'list' && (session === undefined || parseSessionId(session) === undefined)) {
      throw new UsageError('Which conversation? Give its id as "vagent sessions list" shows it, in quotes');
    }
    const count = Number(values.count);
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`--count is "${values.count}": give a whole number`);
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    if (what === 'list') return await list(transport, count, values.json, terminal);
    if (what === 'show' && values.checkpoint) return await showCheckpoint(transport, session ?? '', terminal);
    if (what === 'show') return await show(transport, session ?? '', values.json, terminal);
    return await reset(transport, session ?? '', values.yes, terminal);
  },
};

async function list(
  transport: Transport,
  count: number,
  asJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const states = await listSessions(transport, count);
  if (asJson) {
    for (const state of states) terminal.stdout.write(`${JSON.stringify(state)}\n`);
    return 0;
  }
  if (states.length === 0) {
    terminal.stdout.write('No conversations.\n');
    return 0;
  }
  const now = await redisNow(transport.redis);
  const rows = states.map(({ session, turns, lastTurnAt, partition }) => [
    printable(session),
    turns,
    `${formatDuration(now - Date.parse(lastTurnAt))} ago`,
    partition,
  ]);
  terminal.stdout.write(
    formatTable(['session', 'turns', 'last turn', 'partition'], rows, paintFor(terminal)),
  );
  return 0;
}

async function show(
  transport: Transport,
  session: string,
  asJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const state = await readSession(transport, session);
  if (state === undefined)
    throw new CommandError(`No conversation ${session}: it was reset, has expired, or never had a turn`);
  const waiting = (await listOpenApprovals(transport)).filter((record) => record.session === session);
  const full = { ...state, ...parseSessionId(session), waitingApprovals: waiting.map(({ id }) => id) };
  if (asJson) {
    terminal.stdout.write(`${JSON.stringify(full)}\n`);
    return 0;
  }
  const paint = paintFor(terminal);
  for (const [title, value] of Object.entries(full)) {
    const text = Array.isArray(value) ? value.join(', ') || 'none' : String(value ?? absent(title));
    terminal.stdout.write(`${paint('dim', title.padEnd(18))} ${printable(text)}\n`);
  }
  return 0;
}

/** JSON with or without `--json`: names of channels and their values are nothing else. */
async function showCheckpoint(transport: Transport, session: string, { stdout }: Terminal): Promise<number> {
  const values = await readCheckpoint(transport, session);
  if (values === undefined)
    throw new CommandError(`No checkpoint of ${session}: it was reset, has expired, or never had a turn`);
  stdout.write(`${JSON.stringify(values, undefined, 2)}\n`);
  return 0;
}

function absent(title: string): string {
  return title === 'thread' ? 'main' : 'none';
}

async function reset(
  transport: Transport,
  session: string,
  isMeant: boolean,
  { stdout }: Terminal,
): Promise<number> {
  if (!isMeant) {
    stdout.write(`${session} would be forgotten. Nothing was changed. Add --yes to do it.\n`);
    return 0;
  }
  await resetSession(transport, session, `cli:${userInfo().username}`);
  stdout.write(`Sent: ${session} is forgotten in its turn\n`);
  return 0;
}
