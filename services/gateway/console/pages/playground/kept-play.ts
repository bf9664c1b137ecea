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

const key = 'vagent.playground';

export function readPlay(): KeptPlay {
  try {
    const kept = sessionStorage.getItem(key);
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

export function keepPlay(play: KeptPlay): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(play));
  } catch {
    // A reload then begins anew.
  }
}
