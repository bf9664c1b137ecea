export interface Place {
  /** Root event of the thread; null is the room's main timeline. */
  readonly thread: string | null;
  /** The event that is answered. */
  readonly replyTo: string | null;
}

/**
 * `m.relates_to` of a message that answers `replyTo` and stays in its thread; undefined for one that stands alone.
 * In a thread `is_falling_back` is false only where a message other than the root is really answered (client-server
 * API, "Threading": fallback for unthreaded clients).
 */
export function relationTo({ thread, replyTo }: Place): object | undefined {
  if (thread !== null) {
    return {
      rel_type: 'm.thread',
      event_id: thread,
      is_falling_back: replyTo === null || replyTo === thread,
      'm.in_reply_to': { event_id: replyTo ?? thread },
    };
  }
  return replyTo === null ? undefined : { 'm.in_reply_to': { event_id: replyTo } };
}
