import { randomUUID } from 'node:crypto';
import { userId } from '#contract/matrix-ids';
import { partitionOf } from '#contract/partition-of';
import { appendAudit } from '#operations/erase/append-audit';
import { BadRequestError, ConflictError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { loadScript, redisErrorCode, runScript } from '#streams/script';
import { type Revocation, type RevocationKind, revocation } from './revocation.ts';

const script = loadScript(new URL('revoke-access.lua', import.meta.url));

const dayMs = 86_400_000;
/** Clocks differ a little: what is remembered is remembered a little longer. */
const graceMs = 60_000;
/** How long anything can live that was issued before: a token for a day at most, a signed-in console for a week. */
export const longestMs: Readonly<Record<RevocationKind, number>> = { jti: dayMs, subject: 7 * dayMs };
const mostRemembered = 20_000;

export interface RevocationOrder {
  readonly kind: RevocationKind;
  /** The `jti` of a token, or a user id. */
  readonly id: string;
  /** `cli:<name>`, or the user id of an operator. */
  readonly by: string;
  /** Why; may be empty, at most 500 characters. */
  readonly because: string;
  /** Of a subject, in ms: what was issued later counts. By default now. */
  readonly beforeMs?: number;
  /** How long the longest-lived proof can still come, in ms; by default as long as any can live. */
  readonly forMs?: number;
}

/**
 * Takes back a token, or everything that somebody has proved until now who they are with: tokens, tickets, signed-in
 * consoles. Every gateway refuses it within a second, and closes what it has open. Written into the audit too.
 *
 * @throws {BadRequestError} for what is no id or no such time; {@link ConflictError} where the key holds something
 * else, too much is revoked already, or the audit has no place (what was revoked is revoked all the same then).
 */
export async function revokeAccess(transport: Transport, order: RevocationOrder): Promise<Revocation> {
  const { redis, keys, partitions } = transport;
  const now = await redisNow(redis);
  const record = recordOf(order, now);
  const { kind, id, by, because, at } = record;
  const args = [`${kind}:${id}`, JSON.stringify(record), randomUUID(), now, mostRemembered];
  if ((await write(() => runScript(redis, script, [keys.revocations()], args), keys.revocations())) !== 1) {
    const remedy = 'revoke the subject of the tokens instead, or change the key that they are signed with';
    throw new ConflictError(`${mostRemembered} revocations count already: ${remedy}`);
  }
  const line = { kind, subject: id, by, because, until: isoOf(record.until), at: isoOf(now) };
  const before = order.beforeMs === undefined ? {} : { before: isoOf(at) };
  await appendAudit(transport, partitionOf(id, partitions), { type: 'access.revoked', ...line, ...before });
  return record;
}

function recordOf(
  { kind, id, by, because, beforeMs, forMs = longestMs[kind] }: RevocationOrder,
  now: number,
): Revocation {
  if (kind === 'subject' && !userId.safeParse(id).success)
    throw new BadRequestError('A subject is a user id, e.g. @ana:example.org');
  if (!(forMs >= 1_000 && forMs <= longestMs[kind])) {
    const most =
      kind === 'jti' ? '24 hours: no token lives longer' : '7 days: no signed-in console lives longer';
    throw new BadRequestError(`A revocation is remembered for a second at least, and at most ${most}`);
  }
  if (beforeMs !== undefined && kind === 'jti')
    throw new BadRequestError('A token is revoked whenever it was issued: "before" goes with a subject');
  if (beforeMs !== undefined && !(beforeMs <= now && beforeMs > now - longestMs.subject))
    throw new BadRequestError('What was issued before a moment of the last 7 days can be revoked, no other');
  const at = beforeMs ?? now;
  const until = now + Math.ceil(forMs) + graceMs;
  const parsed = revocation.safeParse({ kind, id, at, until, by, because: because.trim() });
  if (parsed.success) return parsed.data;
  throw new BadRequestError(
    'The id of a token has 1 to 255 characters, and the reason for a revocation at most 500',
  );
}

async function write(run: () => Promise<unknown>, key: string): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    throw new ConflictError(`${key} holds something else: delete it`);
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
