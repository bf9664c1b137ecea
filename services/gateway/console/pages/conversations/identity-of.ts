import type { LiveEvent } from '../../../api/live.ts';

/** The same fact seen twice is one: a reconnected socket may repeat, under the cursor of another reader. */
export function identityOf(event: LiveEvent): string {
  const { event: kind, turn } = event;
  switch (event.event) {
    case 'message':
      return `${kind} ${turn}`;
    case 'draft':
      return `${kind} ${event.reply} ${event.revision}`;
    case 'reply':
      return `${kind} ${event.reply}`;
    case 'approval':
      return `${kind} ${event.approval.id}`;
    case 'decision':
      return `${kind} ${turn} ${event.by}`;
    default:
      return `${kind} ${turn} ${event.at} ${JSON.stringify({ ...event, id: '' })}`;
  }
}
