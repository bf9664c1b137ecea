import type { Logger } from 'pino';
import type { MatrixRequest } from '#matrix/matrix-client';
import type { RoomEvent } from '#matrix/room-event';
import { failpoint } from '#runtime/failpoint';
import type { Publisher } from '#streams/publish';
import { answerCommand } from './answer-command.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import type { PendingJoins } from './pending-joins.ts';
import type { SessionMemory } from './session-memory.ts';
import type { InboundEntry, Verdict } from './verdict.ts';
import type { DeadInput } from './write-dead-letter.ts';

export interface CarryOutDeps {
  readonly publisher: Publisher;
  readonly memory: SessionMemory;
  readonly joins: Pick<PendingJoins, 'add'>;
  readonly request: MatrixRequest;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
  readonly declineEncrypted: (room: string) => Promise<void>;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

export type CarryOut = (event: RoomEvent, verdict: Verdict) => Promise<void>;

/** Does what was decided about an event. May be called again for the same event: nothing happens twice. */
export function createCarryOut(deps: CarryOutDeps): CarryOut {
  const { metrics, log } = deps;
  return async (event, verdict) => {
    const { room } = event;
    switch (verdict.act) {
      case 'publish':
        return publish(deps, verdict.entry);
      case 'ignore':
        metrics.ignored.inc({ reason: verdict.reason });
        return;
      case 'dead': {
        const eventId = event.kind === 'unreadable' ? null : event.eventId;
        await deps.writeDeadLetter({ room, eventId, raw: event.raw, reason: verdict.reason });
        metrics.dead.inc();
        log.warn({ room, event: eventId, reason: verdict.reason }, 'An event is a dead letter');
        return;
      }
      case 'decline':
        return deps.declineEncrypted(room);
      case 'join':
        return deps.joins.add(room);
      case 'answer':
        return answer(deps, event, verdict.text);
      default:
        return verdict satisfies never;
    }
  };
}

async function publish({ publisher, memory, metrics }: CarryOutDeps, entry: InboundEntry): Promise<void> {
  await failpoint('ingress.before-publish');
  // Before the message itself: what edits it may be handled as soon as it is in the stream.
  if (entry.type === 'message.received') await memory.remember(entry.id, entry.session);
  const { isNew } = await publisher.publish('inbound', entry);
  metrics.published.inc({ type: entry.type, is_new: String(isNew) });
  await failpoint('ingress.mid-batch');
}

/** A courtesy: where it fails, the events behind must not wait for it. */
async function answer(
  { request, metrics, log }: CarryOutDeps,
  event: RoomEvent,
  text: string,
): Promise<void> {
  if (event.kind === 'unreadable') return;
  metrics.answers.inc();
  try {
    await answerCommand(request, event, text);
  } catch (error) {
    log.warn({ err: error, room: event.room, event: event.eventId }, 'Could not answer a command');
  }
}
