import { shortId } from '../../short-id.ts';

/** What a reload must not lose, for this tab alone. */
export interface KeptPlay {
  /** The name of the conversation among those of the playground's user. */
  readonly conversation: string;
  /** Known from the first answer on. */
  readonly session: string | null;
  /** A message whose answer has not ended, and where that can be resumed. */
  readonly pending: {
    readonly messageId: string;
    readonly text: string;
    readonly lastEventId: string | null;
  } | null;
}

/** Whoever signs in next in this tab is to find, and to send, nothing of somebody else. */
function keyOf(user: string): string {
  return `vagent.playground:${user}`;
}

export function readPlay(user: string): KeptPlay {
  try {
    const kept = sessionStorage.getItem(keyOf(user));
    // Written below and by nothing else on this origin.
    if (kept !== null) return JSON.parse(kept) as KeptPlay;
  } catch {
    // Storage is switched off, or holds something else: a new conversation.
  }
  return newPlay();
}

export function newPlay(): KeptPlay {
  return { conversation: `play-${shortId()}`, session: null, pending: null };
}

export function keepPlay(user: string, play: KeptPlay): void {
  try {
    sessionStorage.setItem(keyOf(user), JSON.stringify(play));
  } catch {
    // A reload then begins anew.
  }
}
