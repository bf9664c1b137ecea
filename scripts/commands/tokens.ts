import { userInfo } from 'node:os';
import { z } from 'zod';
import { apiUserOf } from '#contract/api-session';
import { readRevocations } from '#operations/access/read-revocations';
import { type RevocationKind, revocationKind } from '#operations/access/revocation';
import { revokeAccess } from '#operations/access/revoke-access';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseDuration } from '../cli/parse-duration.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';

const usage = `Usage: vagent tokens [list] [--json]
       vagent tokens revoke jti ID [--because WHY] [--for 24h]
       vagent tokens revoke subject NAME [--before TIME] [--because WHY] [--for 7d]

Takes access to the gateway back: one token, by its claim jti, or everything of one subject (a Matrix id, or the claim
sub of a token) that was issued until now: tokens, tickets, signed-in consoles. Every gateway refuses it within a second
and closes what it has open. What is issued later counts: to keep somebody out, take their account away where tokens
are made and people sign in, first. --before takes back only what was issued until a time, e.g. 2026-03-01T12:00Z (of
tokens, what was issued up to five seconds after it, because clocks differ). --for is how long the longest-lived of it could still come, by default as long as
any can live. "list" tells what is revoked. It is written into the audit.
`;

export const tokens: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      because: { type: 'string', default: '' },
      before: { type: 'string' },
      for: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const [what = 'list', ...names] = positionals;
    if (what !== 'list' && what !== 'revoke')
      throw new UsageError(`"vagent tokens ${what}" is not a command`);
    if (what === 'list' && names.length > 0)
      throw new UsageError(`"vagent tokens list" takes no "${names[0]}"`);
    const order =
      what === 'revoke'
        ? {
            ...targetOf(names),
            ...momentOf(values.before),
            ...spanOf(values.for),
            because: values.because,
          }
        : undefined;
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    if (order === undefined) return await list(transport, values.json, terminal);
    const done = await revokeAccess(transport, { ...order, by: `cli:${userInfo().username}` });
    const shown = order.kind === 'jti' ? 'The token' : `All until ${timeOf(done.at)} UTC of`;
    terminal.stdout.write(
      `${shown} ${printable(done.id)} is revoked, on every gateway within a second, until ${timeOf(done.until)} UTC\n`,
    );
    return 0;
  },
};

function targetOf([kind, id, ...more]: readonly string[]): { kind: RevocationKind; id: string } {
  const known = revocationKind.safeParse(kind);
  if (!known.success)
    throw new UsageError('Revoke what? Give "jti" and the id of a token, or "subject" and whose');
  if (id === undefined)
    throw new UsageError(known.data === 'jti' ? 'Which token? Give its jti' : 'Whose? Give a subject');
  if (more.length > 0) throw new UsageError(`"${more.join(' ')}" is one name too many`);
  return { kind: known.data, id: known.data === 'subject' ? apiUserOf(id) : id };
}

function momentOf(text: string | undefined): { beforeMs?: number } {
  if (text === undefined) return {};
  if (!z.iso.datetime({ offset: true }).safeParse(text).success)
    throw new UsageError(`--before is "${text}": give a time with its zone, such as 2026-03-01T12:00Z`);
  return { beforeMs: Date.parse(text) };
}

function spanOf(text: string | undefined): { forMs?: number } {
  if (text === undefined) return {};
  const forMs = parseDuration(text);
  if (forMs === undefined) throw new UsageError(`--for is "${text}": give a time such as 30m, 12h or 7d`);
  return { forMs };
}

async function list(transport: Transport, asJson: boolean, { stdout, env }: Terminal): Promise<number> {
  const known = await readRevocations(transport, await redisNow(transport.redis));
  if (asJson) {
    for (const record of known) stdout.write(`${JSON.stringify(record)}\n`);
    return 0;
  }
  if (known.length === 0) {
    stdout.write('Nothing is revoked.\n');
    return 0;
  }
  const rows = known.map(({ kind, id, by, at, until, because }) => [
    kind,
    printable(id),
    printable(by || 'unknown'),
    timeOf(at),
    timeOf(until),
    printable(because),
  ]);
  const heading = ['revoked', 'id', 'by', 'at (UTC)', 'until (UTC)', 'because'];
  stdout.write(formatTable(heading, rows, paintFor({ stdout, env })));
  return 0;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
