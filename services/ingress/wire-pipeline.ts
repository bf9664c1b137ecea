import type { Logger } from 'pino';
import type { MatrixClient } from '#matrix/matrix-client';
import { withoutFileKeys } from '#matrix/media/without-file-keys';
import { createRateLimits, type LimitScope } from '#operations/limits/rate-limit';
import type { Privacy } from '#privacy/open-privacy';
import { createVault } from '#privacy/vault';
import type { Transport } from '#streams/open-transport';
import { createAdmit } from './admit.ts';
import { createTellWhy } from './answer-why.ts';
import { createCarryOut } from './carry-out.ts';
import { createDeclineEncrypted } from './decline-encrypted.ts';
import { createEventMemory } from './event-memory.ts';
import { findApprovalByCode } from './find-approval-by-code.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { createLimitEntry } from './limit-entry.ts';
import { createKeepFiles } from './media/keep-files.ts';
import type { RoomPolicy } from './room-policy.ts';
import type { RoomSettings } from './rooms/room-settings.ts';
import { type Rooms, wireRooms } from './rooms/wire-rooms.ts';
import { createSessionMemory } from './session-memory.ts';
import { createTakeEvents, type TakeEvents } from './take-events.ts';
import { type DeadInput, writeDeadLetter } from './write-dead-letter.ts';

export interface PipelineDeps {
  readonly transport: Transport;
  readonly client: MatrixClient;
  /** Whether the user speaks for one of the bot's agents. */
  readonly isGhost: (userId: string) => boolean;
  readonly policy: RoomPolicy;
  /** Messages a minute that are answered; 0 is no limit. */
  readonly perMinute: Readonly<Record<LimitScope, number>>;
  readonly rooms: RoomSettings;
  readonly privacy: Privacy;
  /** Of a file that is fetched. */
  readonly maxMediaBytes: number;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

/** What both modes share, from an event to what becomes of it. */
export interface Pipeline {
  readonly takeEvents: TakeEvents;
  readonly rooms: Rooms;
  readonly declineEncrypted: (room: string) => Promise<void>;
  readonly writeDeadLetter: (input: DeadInput) => Promise<void>;
}

export function wirePipeline(deps: PipelineDeps): Pipeline {
  const { transport, client, isGhost, policy, perMinute, privacy, maxMediaBytes, metrics, log } = deps;
  const { redis, keys, partitions, publisher } = transport;
  const { userId, request } = client;
  const rooms = wireRooms(deps);
  const vault = createVault(transport);
  const memory = createSessionMemory(redis, keys);
  const declineEncrypted = createDeclineEncrypted({ request, metrics, log });
  const keepDead = (input: DeadInput): Promise<void> =>
    writeDeadLetter(transport, { ...input, raw: privacy.withoutPersonalData(withoutFileKeys(input.raw)) });
  const admit = createAdmit({
    userId,
    isGhost,
    request,
    policy,
    ...rooms,
    memory,
    fetchEvent: createEventMemory(request),
    findApprovalByCode: (code) => findApprovalByCode(transport, code),
    reviewers: policy.reviewers,
    tellWhy: createTellWhy(transport),
  });
  const carryOut = createCarryOut({
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
      metrics,
    }),
    protect: privacy.protect,
    vault,
    ...rooms,
    request,
    writeDeadLetter: keepDead,
    declineEncrypted,
    metrics,
    log,
  });
  const takeEvents = createTakeEvents(admit, carryOut);
  return { takeEvents, rooms, declineEncrypted, writeDeadLetter: keepDead };
}
