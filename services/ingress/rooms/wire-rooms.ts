import type { Logger } from 'pino';
import type { EncryptedRooms } from '#crypto/encrypted-rooms';
import type { MatrixClient } from '#matrix/matrix-client';
import { createRoomMoves, type RoomMoves } from '#operations/rooms/room-moves';
import type { Transport } from '#streams/open-transport';
import type { RoomPolicy } from '../admission/room-policy.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';
import { type CloseSessions, createCloseSessions } from './close-sessions.ts';
import { findWaitingSessions } from './find-sessions.ts';
import { followUpgrade } from './follow-upgrade.ts';
import { type JudgeInvite, openJudgeInvite } from './judge-invite.ts';
import { leaveUnknownRooms } from './leave-unknown-rooms.ts';
import { createPendingJoins, type PendingJoins } from './pending-joins.ts';
import { createPendingUpgrades, type PendingUpgrades } from './pending-upgrades.ts';
import type { RoomSettings } from './room-settings.ts';
import { createRoomViews, type RoomViews } from './room-views.ts';
import { warnOfFederation } from './warn-of-federation.ts';

export interface WireRoomsDeps {
  readonly transport: Transport;
  readonly client: MatrixClient;
  readonly policy: RoomPolicy;
  readonly rooms: RoomSettings;
  /** Whether other replicas take events too, of which this one does not hear. */
  readonly hasPeers: boolean;
  /** Undefined where encrypted rooms are declined. */
  readonly encryptedRooms?: EncryptedRooms | undefined;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
}

/** Which rooms the bot is in, comes into, is put out of, and which go on elsewhere. */
export interface Rooms {
  readonly views: RoomViews;
  readonly moves: RoomMoves;
  readonly joins: PendingJoins;
  readonly upgrades: PendingUpgrades;
  readonly closeSessions: CloseSessions;
  readonly openJudgeInvite: () => Promise<JudgeInvite>;
  /** The work beside the reading of events; resolves when the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** For so long a change of membership that another replica has heard of may be unknown here. */
const unheardMs = 30_000;

export function wireRooms(deps: WireRoomsDeps): Rooms {
  const { transport, client, policy, rooms, encryptedRooms, metrics, log, hasPeers } = deps;
  const { redis, keys } = transport;
  const { userId, request } = client;
  const moves = createRoomMoves(transport);
  const views = createRoomViews({ request, encryptedRooms, ...(hasPeers ? { keepMs: unheardMs } : {}) });
  const account = { redis, keys, userId, metrics, log };
  const joins = createPendingJoins({ ...account, request });
  const closeSessions = createCloseSessions({ ...transport, metrics, log });
  const upgrades = createPendingUpgrades({
    ...account,
    follow: (room, signal) => followUpgrade({ request, policy, moves, log }, room, signal),
    closeSessions,
    findWaiting: () => findWaitingSessions(transport),
    originOf: moves.originOf,
  });
  const judging = { redis, keys, policy, moves, upgrades, perHour: rooms.invitesPerHour };
  return {
    views,
    moves,
    joins,
    upgrades,
    closeSessions,
    openJudgeInvite: () => openJudgeInvite(judging),
    run: async (signal) => {
      const leaving = rooms.leavesUnknownRooms && leaveUnknownRooms({ request, policy, moves, log }, signal);
      const warning = warnOfFederation({ client, policy, log }, signal);
      await Promise.all([joins.run(signal), upgrades.run(signal), leaving, warning]);
    },
  };
}
