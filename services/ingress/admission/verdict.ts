import type { EntryOf } from '#contract/entry';

export type InboundEntry =
  | EntryOf<'message.received'>
  | EntryOf<'message.edited'>
  | EntryOf<'message.redacted'>
  | EntryOf<'edit.redacted'>
  | EntryOf<'approval.decided'>;

/** Why an event is not for us: labels of a metric, so few and without ids. */
export type IgnoreReason =
  | 'admin_chatter'
  | 'decision_changed'
  | 'encrypted'
  | 'encryption'
  | 'invite_limited'
  | 'invite_refused'
  | 'member'
  | 'msgtype'
  | 'not_a_prompt'
  | 'not_mentioned'
  | 'notice'
  | 'other_type'
  | 'own'
  | 'plaintext'
  | 'reaction'
  | 'redacted'
  | 'room_moved'
  | 'room_not_allowed'
  | 'target_foreign'
  | 'target_unknown'
  | 'undecryptable'
  | 'vagent';

/** What becomes of one Matrix event. */
export type Verdict =
  | { readonly act: 'publish'; readonly entry: InboundEntry }
  | { readonly act: 'ignore'; readonly reason: IgnoreReason }
  /** It cannot be decided: kept with its reason. */
  | { readonly act: 'dead'; readonly reason: string }
  /** It is for whoever holds the keys of encrypted rooms. */
  | { readonly act: 'queue' }
  /** The room is encrypted: out of it. */
  | { readonly act: 'decline' }
  | { readonly act: 'join' }
  /** We are invited into a room that a room of ours was upgraded to. */
  | { readonly act: 'join_upgrade' }
  /** The room says that it goes on in another one, which is looked into. */
  | { readonly act: 'upgrade'; readonly replacement: string }
  /** We are out of the room: its sessions end. */
  | { readonly act: 'close'; readonly reason: 'kicked' | 'banned' | 'room_gone' }
  /** The sender is told what came of a command: that it was not understood, or what they asked for. */
  | { readonly act: 'answer'; readonly text: string; readonly isMarkdown?: boolean };

export function ignore(reason: IgnoreReason): Verdict {
  return { act: 'ignore', reason };
}

export function dead(reason: string): Verdict {
  return { act: 'dead', reason };
}
