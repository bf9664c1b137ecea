import type { LiveEvent } from '../api/live.ts';

/** What a follower is told. Called in the order of the streams; never throws. */
export interface Follower {
  onEvent(event: LiveEvent): void;
  /** Redis does not answer (false), or answers again (true). Nothing is lost meanwhile. */
  onReachable(isReachable: boolean): void;
}

export interface Following {
  /** Resolves when everything behind the cursor has been given to the follower: from here on it is live. */
  readonly caughtUp: Promise<void>;
  /** Everything up to here was given, of a quiet session too; undefined while it catches up, and of all sessions. */
  cursor(): string | undefined;
  stop(): void;
}

/**
 * What happens in the conversations, read once for the whole process: one reader for each partition's streams fans out to
 * any number of followers. Holds no group and acknowledges nothing.
 */
export interface Feed extends AsyncDisposable {
  /**
   * Follows one session, from behind `after` (a cursor; null: from now). Events older than the streams keep are gone;
   * the story starts with what is there.
   *
   * @throws {RangeError} for what is no cursor.
   */
  follow(session: string, after: string | null, follower: Follower): Following;
  /** Follows every session, from now: for the console and for samples. */
  followAll(follower: Follower): Following;
  /** The cursor of now, of a session's partition. */
  now(session: string): Promise<string>;
}
