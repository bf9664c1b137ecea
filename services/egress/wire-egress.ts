import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Entry } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import type { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { type Consumer, createConsumer } from '#streams/create-consumer';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { createStreamMetrics } from '#streams/stream-metrics';
import { createHandle } from './create-handle.ts';
import { createSender } from './create-sender.ts';
import { createDraftCadence } from './draft-cadence.ts';
import { createPostedReplies } from './posted-reply.ts';
import { createPrompts } from './prompts.ts';
import { createRoomEncryption } from './room-encryption.ts';
import { createSendPauses } from './send-pauses.ts';
import { createPresence } from './show-presence.ts';
import { tellUndelivered } from './tell-undelivered.ts';

export interface WireEgressDeps {
  readonly transport: Transport;
  readonly client: MatrixClient;
  readonly adminRoom: string;
  readonly log: Logger;
  readonly registry: Registry;
  readonly beat: () => void;
}

/** Rooms that are sent to at the same time. */
const concurrency = 64;
/** A homeserver that answers 500 gets some minutes to come to itself. */
const attempts = { maxAttempts: 10, backoffMs: 1_000 };

/** The consumer that carries `outbound` and `approvals` into rooms, one event at a time for each room. */
export function wireEgress({ transport, client, adminRoom, log, registry, beat }: WireEgressDeps): Consumer {
  const { redis, keys, sealBody, openBody } = transport;
  const now = () => redisNow(redis);
  const pauses = createSendPauses();
  const encryption = createRoomEncryption(client);
  const onTokenRefused = (error: MatrixRequestError): void =>
    log.error({ err: error }, 'The homeserver does not take our access token: renew it and restart egress');
  const sender = createSender({ client, encryption, pauses, redisNow: now, onTokenRefused, log });
  const handle = createHandle({
    sender,
    client,
    adminRoom,
    log,
    redisNow: now,
    replies: createPostedReplies(redis, keys),
    prompts: createPrompts({ redis, keys, sealBody, openBody }),
    cadence: createDraftCadence(),
    presence: createPresence(client, log),
  });
  const roomOf = (entry: Entry): string =>
    entry.type.startsWith('approval.') ? adminRoom : (parseSessionId(entry.session)?.room ?? entry.session);
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
  });
}
