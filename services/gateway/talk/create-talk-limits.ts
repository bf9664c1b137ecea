import { createRateLimits, type RateLimits } from '#operations/limits/rate-limit';

/**
 * The limits of messages over HTTP, those of the caller and of the conversation asked at once. What is over the caller's
 * counts for the conversation too: it is their own alone, so that they take nothing from anybody.
 */
export function createTalkLimits({ perMinute, ...deps }: Parameters<typeof createRateLimits>[0]): RateLimits {
  const ofUser = createRateLimits({ ...deps, perMinute: { user: perMinute.user, room: 0 } });
  const ofRoom = createRateLimits({ ...deps, perMinute: { user: 0, room: perMinute.room } });
  return {
    take: async (message) => {
      const [user, room] = await Promise.all([ofUser.take(message), ofRoom.take(message)]);
      return user.ok ? room : user;
    },
  };
}
