import {
  CollectStrategy,
  EncryptionAlgorithm,
  EncryptionSettings,
  HistoryVisibility,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import { RoomEncryptionError } from '#crypto/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { roomState } from '#matrix/room-state';

/** What a room says of how it is encrypted, and who may read on. */
export interface RoomSettings {
  readonly rotationMs: number;
  readonly rotationMessages: number;
  readonly visibility: 'invited' | 'joined' | 'shared' | 'world_readable';
}

const period = z.int().positive();
const encryption = z.object({
  algorithm: z.string(),
  // The defaults of the spec ("m.room.encryption"); a value that is none must not make a key live for ever.
  rotation_period_ms: period.catch(604_800_000),
  rotation_period_msgs: period.catch(100),
});
const history = z.object({
  history_visibility: z.enum(['invited', 'joined', 'shared', 'world_readable']).catch('shared'),
});
const visibilities = {
  invited: HistoryVisibility.Invited,
  joined: HistoryVisibility.Joined,
  shared: HistoryVisibility.Shared,
  world_readable: HistoryVisibility.WorldReadable,
};

/** @throws {RoomEncryptionError} where the room is not encrypted, or in a way that nobody here can. */
export async function readRoomSettings(request: MatrixRequest, room: string): Promise<RoomSettings> {
  const [encrypted, visibility] = await Promise.all([
    roomState(request, room, 'm.room.encryption'),
    roomState(request, room, 'm.room.history_visibility'),
  ]);
  const parsed = encryption.safeParse(encrypted);
  if (!parsed.success) throw new RoomEncryptionError(room, 'the room is not encrypted');
  const { algorithm, rotation_period_ms: rotationMs, rotation_period_msgs: rotationMessages } = parsed.data;
  if (algorithm !== 'm.megolm.v1.aes-sha2') {
    const shown = JSON.stringify(algorithm.slice(0, 64));
    throw new RoomEncryptionError(
      room,
      `it asks for the algorithm ${shown}; only m.megolm.v1.aes-sha2 is known`,
    );
  }
  const { history_visibility } = history.parse(visibility ?? {});
  return { rotationMs, rotationMessages, visibility: history_visibility };
}

/** In the SDK's own terms; made anew for each call. */
export function toSdkSettings({
  rotationMs,
  rotationMessages,
  visibility,
}: RoomSettings): EncryptionSettings {
  const settings = new EncryptionSettings();
  settings.algorithm = EncryptionAlgorithm.MegolmV1AesSha2;
  // The SDK counts in microseconds.
  settings.rotationPeriod = BigInt(rotationMs) * 1_000n;
  settings.rotationPeriodMessages = BigInt(rotationMessages);
  settings.historyVisibility = visibilities[visibility];
  settings.sharingStrategy = CollectStrategy.allDevices();
  return settings;
}
