import { commandNames, digressionNames } from '#playbook/schemas/labelled-file';

/** As a playbook's labelled messages name them. */
export const commandKinds = commandNames;
export const digressions = digressionNames;
export type Digression = (typeof digressions)[number];

/**
 * What a message does to a conversation. A message may do several things, in this order. Values of slots are as the
 * person wrote them: the slot's validator reads them.
 */
export type Command =
  | {
      readonly kind: 'start_flow';
      readonly flow: string;
      /** What the same message says of the flow's slots. */
      readonly slots: Readonly<Record<string, string>>;
    }
  /** Answers what is asked, or tells another slot of the active flow ahead of its question. */
  | { readonly kind: 'set_slot'; readonly slot: string; readonly value: string }
  /** Takes back a slot that was filled; null where the message says that it is wrong, but not what is right. */
  | { readonly kind: 'correct_slot'; readonly slot: string; readonly value: string | null }
  /** Ends the active flow, or withdraws the requests that wait for a reviewer. */
  | { readonly kind: 'cancel' }
  /** Goes back to a paused flow; null for the one that was paused last. */
  | { readonly kind: 'resume'; readonly flow: string | null }
  /** Asks something in between. `topics` are ids of agents, or `unknown`; empty where it is about the flow itself. */
  | {
      readonly kind: 'digress';
      readonly digression: Digression;
      readonly text: string;
      readonly topics: readonly string[];
    }
  /** Could mean several things, or nothing that is known: `options` are ids of flows and agents to offer. */
  | { readonly kind: 'clarify'; readonly options: readonly string[] }
  /** Wants a person. */
  | { readonly kind: 'hand_off' }
  | { readonly kind: 'chat'; readonly tone: 'greeting' | 'thanks' | 'other' };
