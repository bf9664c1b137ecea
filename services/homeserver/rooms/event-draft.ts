import type { Content } from '../content.ts';

/** An event that somebody wants to send, before the room has let it in. */
export interface EventDraft {
  readonly type: string;
  /** Present on state events only. */
  readonly stateKey?: string;
  readonly sender: string;
  readonly content: Content;
  /** The event that a redaction is about. */
  readonly redacts?: string;
  /** Device and transaction id of the request, for `unsigned.transaction_id` and deduplication. */
  readonly deviceId?: string | undefined;
  readonly txnId?: string;
}
