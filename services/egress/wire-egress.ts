import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { streamTypes } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import { createEncryptedRooms } from '#crypto/encrypted-rooms';
import type { MatrixRequestError } from '#matrix/errors';
import { createRoomMoves } from '#operations/rooms/room-moves';
import { createVault } from '#privacy/vault';
import { noTracing, type Tracing } from '#runtime/tracing';
import { type Consumer, createConsumer } from '#streams/create-consumer';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { createStreamMetrics } from '#streams/stream-metrics';
import { createPrompts } from './approvals/prompts.ts';
import { createHandle } from './create-handle.ts';
import { createEgressMetrics } from './egress-metrics.ts';
import { createDeliveryMarks, noDeliveryMarks } from './replies/delivery-mark.ts';
import { createDraftCadence } from './replies/draft-cadence.ts';
import { createMessagesOf } from './replies/long-answer.ts';
import { createStoreAnswer } from './replies/long-answer-file.ts';
import { createPostedReplies } from './replies/posted-reply.ts';
import { createRenderForPerson, createRestoreForPerson } from './replies/render-for-person.ts';
import { createPresence } from './replies/show-presence.ts';
import { tellUndelivered } from './replies/tell-undelivered.ts';
import { createSender } from './sending/create-sender.ts';
import { createExplainForbidden } from './sending/explain-forbidden.ts';
import { createMovingSender } from './sending/follow-moves.ts';
import { createNotePosted } from './sending/note-posted.ts';
import { createRoomEncryption } from './sending/room-encryption.ts';
import { createSendPauses } from './sending/send-pauses.ts';
import type { Speakers } from './sending/speaker.ts';

export interface WireEgressDeps {
  readonly transport: Transport;
  readonly speakers: Speakers;
  readonly adminRoom: string;
  /** Whether messages carry how they fare; by default they do. */
  readonly hasMarks?: boolean;
  readonly log: Logger;
  readonly registry: Registry;
  readonly beat: () => void;
  readonly tracing?: Tracing;
}

/** Rooms that are sent to at the same time. */
const concurrency = 64;
/** A homeserver that answers 500 gets some minutes to come to itself. */
const attempts = { maxAttempts: 10, backoffMs: 1_000 };

/** The consumer that carries `outbound` and `approvals` into rooms, one event at a time for each room. */
export function wireEgress(deps: WireEgressDeps): Consumer {
  const { transport, speakers, adminRoom, hasMarks = true, log, registry, beat, tracing = noTracing } = deps;
  const { redis, keys, sealBody, openBody } = transport;
  const { client } = speakers.bot;
  const now = () => redisNow(redis);
  const pauses = createSendPauses();
  const encryption = createRoomEncryption(client, createEncryptedRooms(redis, keys, client.userId));
  const onTokenRefused = (error: MatrixRequestError): void =>
    log.error({ err: error }, 'The homeserver does not take our access token: renew it and restart egress');
  const notePosted = createNotePosted(redis, keys);
  const moves = createRoomMoves(transport);
  const sender = createSender({
    speakers,
    encryption,
    pauses,
    redisNow: now,
    notePosted,
    onTokenRefused,
    explainForbidden: createExplainForbidden({ ...transport, client, adminRoom, log }),
    metrics: createEgressMetrics(registry),
    log,
  });
  const onUnreadable = (error: unknown): void =>
    log.warn({ err: error }, 'Personal data of a session cannot be read: its placeholder stays in the reply');
  const vault = createVault({ ...transport, onUnreadable });
  const renderForPerson = createRenderForPerson(vault);
  const roomFor = async (room: string): Promise<string> => (await moves.currentOf(room)) ?? room;
  const handle = createHandle({
    sender: createMovingSender(sender, { moves, request: client.request }),
    renderForPerson,
    messagesOf: createMessagesOf({
      renderForPerson,
      restoreForPerson: createRestoreForPerson(vault),
      storeAnswer: createStoreAnswer({ ...transport, client, encryption, roomFor, redisNow: now, log }),
    }),
    client,
    adminRoom,
    log,
    redisNow: now,
    replies: createPostedReplies(redis, keys),
    erase: { redis, keys },
    prompts: createPrompts({ redis, keys, sealBody, openBody }),
    cadence: createDraftCadence(),
    presence: createPresence(client, roomFor, log),
    marks: hasMarks ? createDeliveryMarks({ ...transport, client, moves, log }) : noDeliveryMarks,
  });
  const roomOf = (entry: Entry): string =>
    isForAdminRoom(entry) ? adminRoom : (parseSessionId(entry.session)?.room ?? entry.session);
  return createConsumer({
    ...transport,
    ...attempts,
    group: 'egress',
    streams: ['outbound', 'approvals'],
    concurrency,
    handle,
    laneOf: roomOf,
    shareOf: roomOf,
    onDead: tellUndelivered,
    onLost: (lost) => log.error({ lost }, 'An entry was deleted before it was sent'),
    log,
    metrics: createStreamMetrics(registry),
    beat,
    traced: { name: 'post', tracing },
  });
}

function isForAdminRoom({ type }: Entry): boolean {
  return streamTypes.approvals.some((own) => own === type);
}
