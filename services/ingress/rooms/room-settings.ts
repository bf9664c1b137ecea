import { z } from 'zod';
import { setting } from '#runtime/setting';

/**
 * How many invites of one person are taken in an hour (0 is no limit), and whether the bot leaves, when it starts, the
 * rooms that `ALLOWED_ROOMS` does not name.
 */
export const roomSettings = z
  .object({
    INVITES_PER_HOUR: setting.integer({ min: 0, max: 100_000 }).default(20),
    LEAVE_UNKNOWN_ROOMS: setting.boolean().default(false),
  })
  .transform((values) => ({
    invitesPerHour: values.INVITES_PER_HOUR,
    leavesUnknownRooms: values.LEAVE_UNKNOWN_ROOMS,
  }));
export type RoomSettings = z.output<typeof roomSettings>;
