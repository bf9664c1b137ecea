import { userInfo } from 'node:os';
import { readSwitches } from '#operations/switches/read-switches';
import { setSwitch } from '#operations/switches/set-switch';
import { type SwitchScope, switchScope } from '#operations/switches/switch';
import { readSwitchLog } from '#operations/switches/switch-log';
import type { Transport } from '#streams/open-transport';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';

const usage = `Usage: vagent switches [list] [--json]
       vagent switches off SCOPE [NAME] --because WHY
       vagent switches on SCOPE [NAME]
       vagent switches log [--count N] [--json]

Switches something off, for all processes within a second, and on again. SCOPE is all (without a name), room (its
id), agent or tool. A tool that is off is refused, and an action that was approved does not run. The tasks of an agent
that is off go to a person. In a room that is off nobody gets more than one notice in an hour; messages are kept, and
reviewers' decisions count. "log" tells who switched what, the latest first.
`;

export const switches: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      because: { type: 'string' },
      count: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
    });
    const [what = 'list', ...names] = positionals;
    if (!['list', 'off', 'on', 'log'].includes(what))
      throw new UsageError(`"vagent switches ${what}" is not a command`);
    const count = Number(values.count);
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`--count is "${values.count}": give a whole number`);
    const isOrder = what === 'off' || what === 'on';
    const target = isOrder ? targetOf(names) : undefined;
    if (what === 'off' && values.because === undefined)
      throw new UsageError('Say why, for the others: --because "WHY"');
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    if (what === 'log') return await log(transport, count, values.json, terminal);
    if (target === undefined) return await list(transport, values.json, terminal);
    return await order(transport, target, what === 'off', values.because ?? '', terminal);
  },
};

interface Target {
  readonly scope: SwitchScope;
  readonly name: string;
}

function targetOf([scope, name, ...more]: readonly string[]): Target {
  const known = switchScope.safeParse(scope);
  if (!known.success) throw new UsageError(`Switch what? Give one of ${switchScope.options.join(', ')}`);
  if (more.length > 0) throw new UsageError(`"${more.join(' ')}" is one name too many`);
  if (known.data === 'all') return { scope: 'all', name: name ?? '*' };
  if (name === undefined) throw new UsageError(`Which ${known.data}? Give its name`);
  return { scope: known.data, name };
}

async function order(
  transport: Transport,
  { scope, name }: Target,
  off: boolean,
  because: string,
  { stdout }: Terminal,
): Promise<number> {
  const by = `cli:${userInfo().username}`;
  const isDone = await setSwitch(transport, { scope, name, off, because, by });
  const shown = scope === 'all' ? 'everything' : `${scope} ${printable(name)}`;
  if (!isDone) stdout.write(`${shown} was on already\n`);
  else stdout.write(`${shown} is ${off ? 'off' : 'on'}, for all processes within a second\n`);
  return 0;
}

async function list(transport: Transport, asJson: boolean, { stdout, env }: Terminal): Promise<number> {
  const off = await readSwitches(transport);
  if (asJson) {
    for (const entry of off) stdout.write(`${JSON.stringify(entry)}\n`);
    return 0;
  }
  if (off.length === 0) {
    stdout.write('Nothing is switched off.\n');
    return 0;
  }
  const rows = off.map(({ scope, name, by, at, because }) => [
    scope,
    printable(name),
    printable(by || 'unknown'),
    at.slice(0, 19),
    printable(because),
  ]);
  stdout.write(formatTable(['off', 'name', 'by', 'since (UTC)', 'because'], rows, paintFor({ stdout, env })));
  return 0;
}

async function log(
  transport: Transport,
  count: number,
  asJson: boolean,
  { stdout, env }: Terminal,
): Promise<number> {
  const lines = await readSwitchLog(transport, count);
  if (asJson) {
    for (const line of lines) stdout.write(`${JSON.stringify(line)}\n`);
    return 0;
  }
  const rows = lines.map(({ at, what, scope, name, by, because }) => [
    at.slice(0, 19),
    what,
    scope,
    printable(name),
    printable(by),
    printable(because),
  ]);
  const heading = ['at (UTC)', 'switched', 'scope', 'name', 'by', 'because'];
  stdout.write(formatTable(heading, rows, paintFor({ stdout, env })));
  return 0;
}
