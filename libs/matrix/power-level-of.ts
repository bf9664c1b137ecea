import { z } from 'zod';
import type { MatrixRequest } from './matrix-client.ts';
import { roomCreators } from './room-creators.ts';
import { roomState } from './room-state.ts';

/** Of creators in rooms of version 12 and later, which stand above every level. */
export const highestPowerLevel = Number.MAX_SAFE_INTEGER;

/** Rooms up to version 9 may hold levels as text. */
export const level = z.union([
  z.int(),
  z
    .string()
    .regex(/^\s*[+-]?\d{1,15}\s*$/)
    .transform(Number),
]);
const powerLevels = z.object({
  users: z.record(z.string(), level.catch(0)).catch({}),
  users_default: level.catch(0),
});

/** The user's power level in the room as it stands now (client-server API, `m.room.power_levels`). */
export async function powerLevelOf(request: MatrixRequest, room: string, user: string): Promise<number> {
  const [creators, content] = await Promise.all([
    roomCreators(request, room),
    roomState(request, room, 'm.room.power_levels'),
  ]);
  const isCreator = creators.users.includes(user);
  if (isCreator && creators.areAboveAll) return highestPowerLevel;
  if (content === undefined) return isCreator ? 100 : 0;
  const levels = powerLevels.parse(content);
  const own = Object.hasOwn(levels.users, user) ? levels.users[user] : undefined;
  return own ?? levels.users_default;
}
