import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { RoomEvent } from '#matrix/room-event';
import type { Protect } from '#privacy/privacy';
import type { Vault } from '#privacy/vault';
import { failpoint } from '#runtime/failpoint';
import { WrongTypeError } from '#streams/errors';
import type { Publisher } from '#streams/publish';
import { redisErrorCode } from '#streams/script';
import type { SessionMemory } from '../admission/session-memory.ts';
import type { InboundEntry, Verdict } from '../admission/verdict.ts';
import type { CiphertextQueue } from '../encrypted/ciphertext-queue.ts';
import type { Post } from '../encrypted/create-post.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';
import type { KeepFiles } from '../media/keep-files.ts';
import type { DismissGhosts } from '../rooms/dismiss-ghosts.ts';
import type { Rooms } from '../rooms/wire-rooms.ts';
import { answerCommand } from './answer-command.ts';
import { guardEntry } from './guard-entry.ts';
import type { LimitEntry } from './limit-entry.ts';
import { refusalOf } from './refusal-of.ts';
import type { DeadInput } from './write-dead-letter.ts';

export interface CarryOutDeps {
  readonly publisher: Publisher;
  readonly keys: Keys;
  readonly partitions: number;
  readonly memory: SessionMemory;
  readonly limit: LimitEntry;
  readonly keepFiles: KeepFiles;
  readonly protect: Protect;
  readonly vault: Pick<Vault, 'save'>;
  readonly joins: Pick<Rooms['joins'], 'add'>;
  readonly upgrades: Pick<Rooms['upgrades'], 'add' | 'invited'>;
  readonly moves: Pick<Rooms['moves'], 'originOf'>;
  readonly closeSessions: Rooms['closeSessions'];
  /** Left out where there are no ghosts. */
  readonly dismissGhosts?: DismissGhosts | undefined;
  readonly post: Post;
  readonly queue: Pick<CiphertextQueue, 'append'>;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
  readonly declineEncrypted: (room: string) => Promise<void>;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

export type CarryOut = (event: RoomEvent, verdict: Verdict) => Promise<void>;

/** Does what was decided about an event. May be called again for the same event: nothing happens twice. */
export function createCarryOut(deps: CarryOutDeps): CarryOut {
  const { metrics } = deps;
  return async (event, verdict) => {
    const { room } = event;
    switch (verdict.act) {
      case 'publish':
        return publish(deps, event, verdict.entry);
      case 'ignore':
        metrics.ignored.inc({ reason: verdict.reason });
        return;
      case 'dead':
        return keepDead(deps, event, verdict.reason);
      case 'queue':
        await deps.queue.append(room, event.raw);
        metrics.queued.inc();
        return;
      case 'decline':
        return deps.declineEncrypted(room);
      case 'join':
        return deps.joins.add(room);
      case 'join_upgrade':
        return deps.upgrades.invited(room);
      case 'upgrade':
        return deps.upgrades.add(room, verdict.replacement);
      case 'close':
        return close(deps, event, verdict.reason);
      case 'answer':
        return answer(deps, event, verdict.text, verdict.isMarkdown);
      default:
        return verdict satisfies never;
    }
  };
}

/** What happens to a room happens to the sessions that began in a room before it. */
async function close(
  { moves, closeSessions, dismissGhosts }: CarryOutDeps,
  event: RoomEvent,
  reason: 'kicked' | 'banned' | 'room_gone',
): Promise<void> {
  const cause = event.kind === 'unreadable' ? event.room : event.eventId;
  await closeSessions({ room: await moves.originOf(event.room), reason, movedTo: null, cause });
  await dismissGhosts?.(event.room);
}

async function keepDead(
  { writeDeadLetter, metrics, log }: CarryOutDeps,
  event: RoomEvent,
  reason: string,
): Promise<void> {
  const { room, raw } = event;
  const eventId = event.kind === 'unreadable' ? null : event.eventId;
  await writeDeadLetter({ room, eventId, raw, reason });
  metrics.dead.inc();
  log.warn({ room, event: eventId, reason }, 'An event is a dead letter');
}

/** Takes personal data out first: nothing that stands in Redis or reaches a model has ever held it. */
async function publish(deps: CarryOutDeps, event: RoomEvent, written: InboundEntry): Promise<void> {
  const { publisher, vault, memory, metrics, keys, partitions } = deps;
  const guarded = guardEntry(deps.protect, await deps.keepFiles(event, await deps.limit(written)));
  if (!guarded.ok) {
    for (const kind of guarded.kinds) metrics.blocked.inc({ kind });
    return answer(deps, event, refusalOf(guarded.kinds));
  }
  const { entry, items } = guarded;
  const partition = partitionOf(entry.session, partitions);
  let key = keys.vault(partition, entry.session);
  await failpoint('ingress.before-publish');
  try {
    // Before the message: what it refers to may be needed as soon as it is in the stream.
    await vault.save(entry.session, items);
    key = keys.stream(partition, 'inbound');
    // Written first, and not waited for alone: where either fails, both come again.
    const remembered = remember(memory, entry);
    const [{ isNew }] = await Promise.all([publisher.publish('inbound', entry), remembered]);
    metrics.published.inc({ type: entry.type, is_new: String(isNew) });
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    // Waits for somebody who mends the key: the events of all other partitions must not wait for it too.
    return keepDead(deps, event, new WrongTypeError(key).message);
  }
  await failpoint('ingress.mid-batch');
}

/** An edit or a redaction that comes later names only the message. */
async function remember(memory: SessionMemory, { type, id, session }: InboundEntry): Promise<void> {
  if (type === 'message.received') await memory.remember(id, session);
  if (type === 'message.edited') await memory.rememberEdit(id, session);
}

/** A courtesy: where it fails, the events behind must not wait for it. */
async function answer(
  { post, metrics, log }: CarryOutDeps,
  event: RoomEvent,
  text: string,
  isMarkdown = false,
): Promise<void> {
  if (event.kind === 'unreadable') return;
  metrics.answers.inc();
  try {
    await answerCommand(post, event, { text, isMarkdown });
  } catch (error) {
    log.warn(
      { err: error, room: event.room, event: event.eventId },
      'Could not tell somebody what came of what they wrote',
    );
  }
}
