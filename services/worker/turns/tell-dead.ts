import type { Entry } from '#contract/entry';
import type { Output } from '#streams/commit';
import { outputsOf } from './outputs.ts';

/** What the people concerned are told when a turn was given up; the operator finds the reason in the dead letter. */
export function tellDead(entry: Entry, reason: string): Output[] {
  const output = outputsOf(entry);
  switch (entry.type) {
    case 'message.received': {
      const text = 'Sorry, I could not handle this message. It has been set aside for a person to look at.';
      return [output('turn.failed', 'failed', { replyTo: entry.body.eventId, reason, text })];
    }
    case 'approval.decided': {
      const { approval, by, eventId } = entry.body;
      const text = 'this decision could not be carried out and has been set aside: see "vagent dead list"';
      const told = { approval, status: null, by: [by], text, replyTo: eventId };
      return [output('approval.resolved', `${approval}-refused`, { ...told, notice: 'refused' })];
    }
    default:
      return [];
  }
}
