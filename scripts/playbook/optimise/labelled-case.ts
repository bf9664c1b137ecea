import type { DialogueContext } from '#dialogue/understanding/understanding';
import type { Message } from '#models/message';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';

/** A message at its place in a conversation, with what it should be understood as. */
export interface LabelledCase {
  /** Where it is written, for people: file and line. */
  readonly origin: string;
  /** The dialogue that it is a turn of. */
  readonly dialogue: string | undefined;
  /** As its author wrote it. */
  readonly item: LabelledMessage;
  /** As it arrives, without personal data. */
  readonly text: string;
  /** Whether there was any in it: then it is measured by, and never made an example. */
  readonly isPersonal: boolean;
  /** As it is compared: a value as it arrives. */
  readonly expect: LabelledMessage['expect'];
  readonly context: DialogueContext;
  readonly history: readonly Message[];
}

/** What a case is counted under: the command, and what tells two of a kind apart that answer differently. */
export function labelOf({ item: { expect } }: Pick<LabelledCase, 'item'>): string {
  const { command, flow, digression, topic, topics } = expect;
  if (command === 'start_flow') return [command, flow].filter(Boolean).join(' ');
  if (command !== 'digress') return command;
  const about = digression === 'question' ? (topic ?? topics?.[0]) : undefined;
  return [command, digression, about].filter(Boolean).join(' ');
}
