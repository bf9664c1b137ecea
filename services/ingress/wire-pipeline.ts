import type { Logger } from 'pino';
import { readPosted } from '#contract/posted';
import type { CryptoSlot } from '#crypto/crypto-device';
import { createEncryptedRooms } from '#crypto/encrypted-rooms';
import type { MatrixClient } from '#matrix/matrix-client';
import { withoutFileKeys } from '#matrix/media/without-file-keys';
import { createRateLimits, type LimitScope } from '#operations/limits/rate-limit';
import type { Privacy } from '#privacy/open-privacy';
import { createVault } from '#privacy/vault';
import type { Transport } from '#streams/open-transport';
import { createAdmit } from './admission/admit.ts';
import { createTellWhy } from './admission/answer-why.ts';
import { createEventMemory } from './admission/event-memory.ts';
import { findApprovalByCode } from './admission/find-approval-by-code.ts';
import type { RoomPolicy } from './admission/room-policy.ts';
import { createSessionMemory } from './admission/session-memory.ts';
import { createDeclineEncrypted } from './decline-encrypted.ts';
import { type CiphertextQueue, createCiphertextQueue } from './encrypted/ciphertext-queue.ts';
import { createPost } from './encrypted/create-post.ts';
import { openFetched } from './encrypted/open-fetched.ts';
import { createUndecryptableMemory } from './encrypted/undecryptable-memory.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { createFileAllowance } from './media/file-allowance.ts';
import { createKeepFiles } from './media/keep-files.ts';
import { createCarryOut } from './publishing/carry-out.ts';
import { createLimitEntry } from './publishing/limit-entry.ts';
import { createTakeEvents, type TakeEvents } from './publishing/take-events.ts';
import { type DeadInput, writeDeadLetter } from './publishing/write-dead-letter.ts';
import { createDismissGhosts } from './rooms/dismiss-ghosts.ts';
import type { RoomSettings } from './rooms/room-settings.ts';
import { type Rooms, wireRooms } from './rooms/wire-rooms.ts';

export interface PipelineDeps {
  readonly transport: Transport;
  readonly client: MatrixClient;
  /** Whether the user speaks for one of the bot's agents. */
  readonly isGhost: (userId: string) => boolean;
  readonly agentOf: (userId: string) => string | undefined;
  readonly policy: RoomPolicy;
  /** Messages a minute that are answered; 0 is no limit. */
  readonly perMinute: Readonly<Record<LimitScope, number>>;
  readonly rooms: RoomSettings;
  /** Whether other replicas take events too. */
  readonly hasPeers: boolean;
  readonly privacy: Privacy;
  /** The keys of encrypted rooms; undefined where these are declined. */
  readonly slot: CryptoSlot | undefined;
  /** Of a file that is fetched. */
  readonly maxMediaBytes: number;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

/** What both modes share, from an event to what becomes of it. */
export interface Pipeline {
  readonly takeEvents: TakeEvents;
  /** The same for events that come out of the queue of encrypted rooms. */
  readonly takeOpened: TakeEvents;
  readonly queue: CiphertextQueue;
  readonly rooms: Rooms;
  readonly declineEncrypted: (room: string) => Promise<void>;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
}

/** Of one person: files of the greatest size, and the time for which all others wait for them. */
const filesPerHour = 20;
const fileWaitMsPerHour = 60_000;
/** In a minute, for files that do not come: a batch must end long before `/health` takes it for stalled. */
const patienceMsPerMinute = 20_000;

export function wirePipeline(deps: PipelineDeps): Pipeline {
  const {
    transport,
    client,
    isGhost,
    agentOf,
    hasPeers,
    policy,
    perMinute,
    privacy,
    slot,
    maxMediaBytes,
    metrics,
    log,
  } = deps;
  const { redis, keys, partitions, publisher } = transport;
  const { userId, request } = client;
  const encryptedRooms = slot === undefined ? undefined : createEncryptedRooms(redis, keys, userId);
  const rooms = wireRooms({ ...deps, encryptedRooms });
  const queue = createCiphertextQueue(redis, keys, userId);
  const fetchEvent = createEventMemory(request);
  const vault = createVault(transport);
  const memory = createSessionMemory(redis, keys);
  const declineEncrypted = createDeclineEncrypted({ request, metrics, log });
  const keepDead = (input: DeadInput): Promise<void> =>
    writeDeadLetter(transport, { ...input, raw: privacy.withoutPersonalData(withoutFileKeys(input.raw)) });
  const admitting = {
    userId,
    isGhost,
    agentOf,
    request,
    policy,
    ...rooms,
    memory,
    findPosted: async (eventId: string) => readPosted(await redis.get(keys.posted(eventId))),
    undecryptable: createUndecryptableMemory(transport, userId),
    findApprovalByCode: (code: string) => findApprovalByCode(transport, code),
    reviewers: policy.reviewers,
    tellWhy: createTellWhy(transport),
  };
  const carryOut = createCarryOut({
    ...(hasPeers ? { dismissGhosts: createDismissGhosts({ request, isGhost, log }) } : {}),
    publisher,
    keys,
    partitions,
    memory,
    limit: createLimitEntry(createRateLimits({ redis, keys, perMinute }), metrics),
    keepFiles: createKeepFiles({
      ...transport,
      ...privacy,
      request,
      vault,
      maxBytes: maxMediaBytes,
      allowance: createFileAllowance({ bytes: filesPerHour * maxMediaBytes, waitMs: fileWaitMsPerHour }),
      patience: createFileAllowance(
        { bytes: Number.POSITIVE_INFINITY, waitMs: patienceMsPerMinute },
        { windowMs: 60_000 },
      ),
      metrics,
    }),
    protect: privacy.protect,
    vault,
    ...rooms,
    queue,
    post: createPost({ request, views: rooms.views, slot }),
    writeDeadLetter: keepDead,
    declineEncrypted,
    metrics,
    log,
  });
  const admit = createAdmit({
    ...admitting,
    encryption: slot === undefined ? 'declined' : 'queued',
    fetchEvent,
  });
  const admitOpened = createAdmit({
    ...admitting,
    encryption: 'opened',
    fetchEvent: slot === undefined ? fetchEvent : openFetched(fetchEvent, slot),
  });
  const takeEvents = createTakeEvents(admit, carryOut);
  const takeOpened = createTakeEvents(admitOpened, carryOut);
  return { takeEvents, takeOpened, queue, rooms, declineEncrypted, writeDeadLetter: keepDead };
}
