import { approval as approvalShape } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { readPosted } from '#contract/posted';
import { parseApproval } from '#operations/approvals/parse-approval';
import { fieldOf } from '#operations/dead-letters/dead-letter';
import { BadRequestError, NotFoundError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { findLetter } from './find-letter.ts';

/** What a question "why" is about. */
export interface Subject {
  /** As it was asked. */
  readonly event: string;
  readonly session: string;
  readonly partition: number;
  /** The id of the inbound fact. */
  readonly turn: string;
  /** The approval that it is about by itself: its prompt, its id, its code. */
  readonly approval: string | null;
}

const longestId = 512;
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Finds the turn behind an event of ours, a message, an approval's id or code, or a turn's id. Costs two reads, and for ids that
 * no homeserver gave two for each partition.
 *
 * @throws {BadRequestError} for what is no id, {@link NotFoundError} for one that nobody knows (any more).
 */
export async function findSubject(transport: Transport, event: string): Promise<Subject> {
  const asked = event.trim();
  if (asked === '' || asked.length > longestId || hostile.test(asked)) {
    throw new BadRequestError(
      'That is no id: give the id of an event ($…), a turn, or an approval, or the code of an approval',
    );
  }
  const found =
    (await findPosted(transport, asked)) ??
    (await findMessage(transport, asked)) ??
    (await findApprovalSubject(transport, asked)) ??
    (await findTurn(transport, asked));
  if (found !== undefined) return { ...found, event: asked };
  throw new NotFoundError(
    `Nothing is known of "${asked}": it is no event that vagent read or wrote, no turn and no approval, or it is older than the 7 days that accounts are kept`,
  );
}

type Found = Omit<Subject, 'event'> | undefined;

async function findPosted({ redis, keys, partitions }: Transport, event: string): Promise<Found> {
  const own = readPosted(await redis.get(keys.posted(event)));
  if (own === undefined) return undefined;
  const { session, turn, approval } = own;
  return { session, turn, approval, partition: partitionOf(session, partitions) };
}

async function findMessage({ redis, keys, partitions }: Transport, event: string): Promise<Found> {
  const session = await redis.get(keys.sessionOf(event));
  if (session === null) return undefined;
  return { session, turn: event, approval: null, partition: partitionOf(session, partitions) };
}

/** By id, or by the code of one that waits, or else of the one that was decided last under it. */
async function findApprovalSubject(transport: Transport, asked: string): Promise<Found> {
  const { redis, keys, partitions } = transport;
  const wanted = asked.toUpperCase();
  const isId = approvalShape.shape.id.safeParse(wanted).success;
  if (!isId && !/^[0-9A-Z]{6}$/.test(wanted)) return undefined;
  const found = await inPartitions(partitions, async (partition): Promise<Found> => {
    const id = isId
      ? wanted
      : ((await redis.hget(keys.openApprovals(partition), wanted)) ??
        (await redis.get(keys.decidedApproval(partition, wanted))));
    const record = id === null ? null : await redis.hget(keys.approval(partition, id), 'record');
    const known = record === null ? undefined : parseApproval(transport, record);
    if (known === undefined) return undefined;
    return { session: known.session, turn: known.turn, approval: known.id, partition };
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Of timers, commands and conversations over HTTP: only the ledgers of the partitions know them. */
async function findTurn(transport: Transport, turn: string): Promise<Found> {
  const { redis, keys, partitions } = transport;
  const [found] = await inPartitions(partitions, async (partition): Promise<Found> => {
    const [session, ledger] = await Promise.all([
      redis.get(keys.turnOf(partition, turn)),
      redis.get(keys.fact(partition, turn)),
    ]);
    const known = session ?? (ledger === null ? null : await sessionOf(transport, partition, turn, ledger));
    return known === null ? undefined : { session: known, turn, approval: null, partition };
  });
  return found;
}

/** Of a fact that has no account: it waits in the stream, or lies among the dead letters. */
async function sessionOf(
  transport: Transport,
  partition: number,
  turn: string,
  ledger: string,
): Promise<string | null> {
  if (ledger === 'dead') {
    const letter = await findLetter(transport, partition, turn);
    return letter === undefined ? null : (fieldOf(letter.original, 'session') ?? null);
  }
  if (!/^\d+-\d+$/.test(ledger)) return null;
  return transport.redis.hget(transport.keys.accepted(partition), ledger);
}

async function inPartitions(partitions: number, find: (partition: number) => Promise<Found>) {
  const all = await Promise.all(Array.from({ length: partitions }, (_, partition) => find(partition)));
  return all.filter((one) => one !== undefined);
}
