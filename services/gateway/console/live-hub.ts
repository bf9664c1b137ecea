import type { LiveEvent } from '../api/live.ts';
import { followLive, type LiveFollower } from './live.ts';

/** One socket for the whole page, however many components follow all conversations. */
const followers = new Set<LiveFollower>();
let stop: (() => void) | undefined;

/** Follows what happens in all conversations, from now, until the function that it returns is called. Needs a viewer. */
export function followAll(follower: LiveFollower): () => void {
  followers.add(follower);
  stop ??= followLive(null, null, {
    onEvent: (event: LiveEvent) => {
      for (const one of followers) one.onEvent(event);
    },
    onGap: () => {
      for (const one of followers) one.onGap?.();
    },
  });
  return () => {
    followers.delete(follower);
    if (followers.size > 0) return;
    stop?.();
    stop = undefined;
  };
}
