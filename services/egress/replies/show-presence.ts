import type { Logger } from 'pino';
import type { MatrixClient } from '#matrix/matrix-client';

/** Signs of life that a room may show. They are best effort: what fails is logged, and nothing waits for it long. */
export interface Presence {
  typing(room: string, isTyping: boolean, signal: AbortSignal): Promise<void>;
  /** Marks the event as read, in its thread or in the main timeline. */
  read(room: string, thread: string | null, event: string, signal: AbortSignal): Promise<void>;
}

/** A long turn outlives it, a lost "off" does not last. */
const typingMs = 60_000;
const timeoutMs = 3_000;

/** @param roomFor where a session's room goes on. */
export function createPresence(
  client: MatrixClient,
  roomFor: (room: string) => Promise<string>,
  log: Logger,
): Presence {
  /** Rooms of sessions where we are shown as typing, so that "off" is sent only where it changes something. */
  const typingIn = new Map<string, number>();

  async function tryTo(what: string, room: string, request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
    } catch (error) {
      log.debug({ err: error, room, what }, 'sign of life not shown');
    }
  }

  return {
    typing: async (room, isTyping, signal) => {
      const since = typingIn.get(room);
      typingIn.delete(room);
      if (!isTyping && (since === undefined || performance.now() - since > typingMs)) return;
      if (isTyping) typingIn.set(room, performance.now());
      const user = encodeURIComponent(client.userId);
      const place = encodeURIComponent(await roomFor(room));
      const path = `/_matrix/client/v3/rooms/${place}/typing/${user}`;
      const body = isTyping ? { typing: true, timeout: typingMs } : { typing: false };
      await tryTo('typing', room, () => client.request('PUT', path, { body, signal, timeoutMs }));
    },
    read: async (room, thread, event, signal) => {
      const place = encodeURIComponent(await roomFor(room));
      const path = `/_matrix/client/v3/rooms/${place}/receipt/m.read/${encodeURIComponent(event)}`;
      // A thread's root belongs to the main timeline (client-server API, "Threaded read receipts").
      const body = { thread_id: thread === null || thread === event ? 'main' : thread };
      return tryTo('read', room, () => client.request('POST', path, { body, signal, timeoutMs }));
    },
  };
}
