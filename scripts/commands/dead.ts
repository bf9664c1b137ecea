import { userInfo } from 'node:os';
import { type DeadLetter, fieldOf, replayObstacle } from '#operations/dead-letters/dead-letter';
import {
  eachDeadLetter,
  findDeadLetter,
  letterName,
  listDeadLetters,
} from '#operations/dead-letters/find-dead-letters';
import { foreseeReplay } from '#operations/dead-letters/foresee-replay';
import { settleDeadLetter } from '#operations/dead-letters/settle-dead-letter';
import { NotFoundError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { type Paint, paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import { shownBytes } from '../cli/shown-bytes.ts';
import type { Terminal } from '../cli/terminal.ts';

const usage = `Usage: vagent dead list [--count N] [--json]
       vagent dead show LETTER [--json]
       vagent dead replay LETTER… | --all  [--dry-run | --yes]
       vagent dead drop LETTER… | --all  [--dry-run | --yes]

Dead letters are entries that were given up, with the reason and their bytes. LETTER is PARTITION:ID, as listed.
"replay" appends the original fields to their stream again, so that they are handled as if they were new; "drop"
forgets them. Both say exactly what they would do, which --dry-run asks for by name, and do it with --yes, with a line
in the audit of the partition.
`;

const options = {
  count: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const;

export const dead: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, options);
    const [what = 'list', ...names] = positionals;
    if (!['list', 'show', 'replay', 'drop'].includes(what))
      throw new UsageError(`"vagent dead ${what}" is not a command`);
    const count = Number(values.count);
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`--count is "${values.count}": give a whole number`);
    if (values.yes && values['dry-run']) throw new UsageError('Either --dry-run or --yes, not both');
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    if (what === 'list')
      return await list(transport, await listDeadLetters(transport, count), values.json, terminal);
    if (names.length === 0 && !(values.all && what !== 'show'))
      throw new UsageError('Which dead letter? Give its PARTITION:ID');
    const named = await Promise.all(names.map((name) => findDeadLetter(transport, name)));
    if (what === 'show') return await show(transport, named, values.json, terminal);
    const letters = values.all ? eachDeadLetter(transport) : named;
    return await settle(transport, letters, what === 'replay' ? 'replay' : 'drop', values.yes, terminal);
  },
};

function list(
  transport: Transport,
  letters: readonly DeadLetter[],
  asJson: boolean,
  { stdout, env }: Terminal,
): number {
  if (asJson) {
    for (const letter of letters) stdout.write(`${JSON.stringify(toJson(transport, letter))}\n`);
    return 0;
  }
  if (letters.length === 0) {
    stdout.write('No dead letters.\n');
    return 0;
  }
  const rows = letters.map((letter) => [
    letterName(letter),
    new Date(letter.at).toISOString().slice(0, 19),
    letter.stage,
    shownType(letter),
    letter.attempts,
    printable(letter.reason).replaceAll('\n', ' ').slice(0, 90),
  ]);
  stdout.write(
    formatTable(
      ['letter', 'at (UTC)', 'stage', 'type', 'attempts', 'reason'],
      rows,
      paintFor({ stdout, env }),
    ),
  );
  return 0;
}

function show(
  transport: Transport,
  letters: readonly DeadLetter[],
  asJson: boolean,
  terminal: Terminal,
): number {
  const paint = paintFor(terminal);
  for (const letter of letters) {
    const text = asJson ? JSON.stringify(toJson(transport, letter)) : describe(transport, letter, paint);
    terminal.stdout.write(`${text}\n`);
  }
  return 0;
}

async function settle(
  transport: Transport,
  letters: Iterable<DeadLetter> | AsyncIterable<DeadLetter>,
  how: 'replay' | 'drop',
  isMeant: boolean,
  { stdout }: Terminal,
): Promise<number> {
  let [seen, refused] = [0, 0];
  for await (const letter of letters) {
    seen += 1;
    const name = letterName(letter);
    const obstacle = how === 'replay' ? replayObstacle(letter) : undefined;
    if (obstacle !== undefined) {
      refused += 1;
      stdout.write(`${name} cannot be replayed: ${obstacle}\n`);
    } else if (isMeant) {
      stdout.write(`${name} ${await settleOne(transport, letter, how)}\n`);
    } else {
      const doing = how === 'replay' ? await sayReplay(transport, letter) : ['would be forgotten, for good'];
      const about = `${name} (${shownType(letter)}: ${printable(letter.reason)})`;
      stdout.write(`${about}\n${doing.map((line) => `  ${line}\n`).join('')}`);
    }
  }
  if (!isMeant && seen > refused) stdout.write('Nothing was changed. Add --yes to do it.\n');
  if (seen === 0) stdout.write('No dead letters.\n');
  return refused > 0 ? 1 : 0;
}

/** What became of it, also where somebody else was quicker: that is no reason to leave the others lying. */
async function settleOne(transport: Transport, letter: DeadLetter, how: 'replay' | 'drop'): Promise<string> {
  try {
    const entryId = await settleDeadLetter(transport, letter, { how, by: `cli:${userInfo().username}` });
    return how === 'replay' ? `is entry ${entryId} of ${letter.stream} now` : 'is gone';
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return 'was settled by somebody else meanwhile';
  }
}

/** What a replay would do, line by line. */
async function sayReplay(transport: Transport, letter: DeadLetter): Promise<string[]> {
  const foreseen = await foreseeReplay(transport, letter);
  if (!foreseen.canReplay) return [`cannot be replayed: ${foreseen.obstacle}`];
  const { stream, partition, group, behind, fact, ledger, session, lastTurnAt } = foreseen;
  const before = behind === 0 ? '' : `, behind ${behind} that wait`;
  const known =
    ledger === null ? 'forgotten' : ledger.replace(/^dead$/, 'given up').replace(/^done:/, 'ended as ');
  const lines = [
    `would be appended to ${stream} again, in partition ${partition}, for group ${group}${before}`,
  ];
  if (fact === null) lines.push(`no ledger covers ${stream}: what was sent before keeps its transaction id`);
  else lines.push(`its fact ${printable(fact)} (now: ${known}) would count as never handled, and run again`);
  if (session === null) return lines;
  const stands =
    lastTurnAt === null
      ? 'had no turn yet, was reset or has expired: it would begin anew'
      : `is alive, last turn ${lastTurnAt.slice(0, 19).replace('T', ' ')} UTC: it would come behind what was said since`;
  return [...lines, `its conversation ${printable(session)} ${stands}`];
}

function shownType({ original }: DeadLetter): string {
  return printable(fieldOf(original, 'type') ?? '?').slice(0, 40);
}

function describe(transport: Transport, letter: DeadLetter, paint: Paint): string {
  const { stage, attempts, reason, stream, originalId } = letter;
  const own = [
    ['reason', printable(reason)],
    ['stage', `${stage}, after ${attempts} attempts`],
    ['came from', stream === undefined ? 'no stream' : `${stream} ${originalId}`],
    ['at', new Date(letter.at).toISOString()],
  ];
  const fields = pairs(letter.original).map(([name, value]) => [
    shownBytes(name, 60),
    shownValue(transport, name, value),
  ]);
  const line = ([name = '', value = '']: readonly string[]): string =>
    `  ${paint('dim', name.padEnd(10))} ${value}`;
  return [
    paint('bold', letterName(letter)),
    ...own.map(line),
    paint('bold', 'original'),
    ...fields.map(line),
  ].join('\n');
}

function shownValue({ openBody }: Transport, name: Buffer, value: Buffer): string {
  const isSealed = ['body', 'raw'].includes(String(name));
  return shownBytes(isSealed ? Buffer.from(openOrTell(openBody, String(value))) : value, 4_000);
}

/** A body that does not open is part of what the letter is about. */
function openOrTell(openBody: (sealed: string) => string, sealed: string): string {
  try {
    return openBody(sealed);
  } catch (error) {
    return `${sealed} (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** `original` holds text, or `{"base64": …}` for what is not text. */
function toJson(transport: Transport, letter: DeadLetter): object {
  const text = (bytes: Buffer): string | object =>
    Buffer.from(bytes.toString()).equals(bytes) ? bytes.toString() : { base64: bytes.toString('base64') };
  const original = pairs(letter.original).map(([name, value]) => {
    const isSealed = ['body', 'raw'].includes(String(name));
    return [text(name), isSealed ? openOrTell(transport.openBody, String(value)) : text(value)];
  });
  return { ...letter, letter: letterName(letter), at: new Date(letter.at).toISOString(), original };
}

function pairs(flat: readonly Buffer[]): [Buffer, Buffer][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? Buffer.alloc(0)]] : []));
}
