import type { CryptoSlot } from '#crypto/crypto-device';
import type { MatrixClient } from '#matrix/matrix-client';

/** Somebody whom egress sends as: the bot, or the ghost of one agent. */
export interface Speaker {
  /** Sends as one device for all replicas, so that what one has sent is not sent again by another. */
  readonly client: MatrixClient;
  /** This replica's own device of that user, which encrypts; undefined without `CRYPTO_STORE_KEY`. */
  readonly crypto: CryptoSlot | undefined;
}

export interface Speakers {
  readonly bot: Speaker;
  /**
   * The ghost of the agent, made and in the room; the bot where there are no ghosts, the agent is nobody's, or its
   * ghost cannot come in. Remembered for each room.
   */
  speakerFor(agent: string | null, room: string, signal: AbortSignal): Promise<Speaker>;
}
