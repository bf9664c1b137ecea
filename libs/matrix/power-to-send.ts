import { z } from 'zod';
import type { MatrixRequest } from './matrix-client.ts';
import { level } from './power-level-of.ts';
import { roomState } from './room-state.ts';

const levels = z.object({
  events: z.record(z.string(), level.optional().catch(undefined)).catch({}),
  state_default: level.optional().catch(undefined),
  events_default: level.optional().catch(undefined),
});

/** The power level that sending an event of this type needs in the room now (client-server API, `m.room.power_levels`). */
export async function powerToSend(
  request: MatrixRequest,
  room: string,
  type: string,
  kind: 'state' | 'message',
): Promise<number> {
  const content = await roomState(request, room, 'm.room.power_levels');
  if (content === undefined) return 0;
  const { events, state_default: state = 50, events_default: message = 0 } = levels.parse(content);
  const own = Object.hasOwn(events, type) ? events[type] : undefined;
  return own ?? (kind === 'state' ? state : message);
}
