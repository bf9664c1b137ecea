interface TypingRoom {
  /** User id to the time at which their typing ends by itself. */
  until: Map<string, number>;
  stream: number;
}

/** Who types where. In memory only, like Synapse: a restart forgets it. */
export class Typing {
  readonly #rooms = new Map<string, TypingRoom>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Records the change; `changed` is called with the room again when the time runs out. */
  set(roomId: string, userId: string, untilMs: number, stream: number): void {
    const room = this.#rooms.get(roomId) ?? { until: new Map<string, number>(), stream };
    room.until.set(userId, untilMs);
    room.stream = stream;
    this.#rooms.set(roomId, room);
  }

  /** Ends a user's typing; false when they did not type. */
  clear(roomId: string, userId: string, stream: number): boolean {
    const room = this.#rooms.get(roomId);
    if (room === undefined || !room.until.delete(userId)) return false;
    room.stream = stream;
    return true;
  }

  isTyping(roomId: string, userId: string): boolean {
    return this.#rooms.get(roomId)?.until.has(userId) ?? false;
  }

  /** Users typing now, and the stream position of the last change (0: never). */
  of(roomId: string): { userIds: string[]; stream: number } {
    const room = this.#rooms.get(roomId);
    return { userIds: room ? [...room.until.keys()] : [], stream: room?.stream ?? 0 };
  }

  /** Calls `expire` once the user's typing has run out, unless it was renewed meanwhile. */
  expireLater(roomId: string, userId: string, untilMs: number, inMs: number, expire: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#rooms.get(roomId)?.until.get(userId) === untilMs) expire();
    }, inMs);
    timer.unref();
    this.#timers.add(timer);
  }

  forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#rooms.clear();
  }
}
