import { z } from 'zod';
import { setting } from '#runtime/setting';

const most = { min: 0, max: 1_000_000 };

/** How many messages a minute are answered, for each user and for each room; 0 is no limit. */
export const limitSettings = z
  .object({
    USER_MESSAGES_PER_MINUTE: setting.integer(most).default(30),
    ROOM_MESSAGES_PER_MINUTE: setting.integer(most).default(300),
  })
  .transform(({ USER_MESSAGES_PER_MINUTE, ROOM_MESSAGES_PER_MINUTE }) => ({
    user: USER_MESSAGES_PER_MINUTE,
    room: ROOM_MESSAGES_PER_MINUTE,
  }));
