import type { Decoded, Entry } from '#contract/entry';
import type { LiveEvent } from '../api/live.ts';

/** An entry as it stands in its stream: field, value, field, value … */
export type Fields = readonly string[];

/** The value of a field, without reading the rest: most entries are of conversations that nobody follows. */
export function fieldOf(fields: Fields, name: string): string {
  for (let at = 0; at + 1 < fields.length; at += 2) if (fields[at] === name) return fields[at + 1] ?? '';
  return '';
}

/**
 * What an entry tells people. One that cannot be read, or that belongs to no story, becomes `other` with its type: it
 * has happened, and nothing of it is shown.
 *
 * @param id the cursor behind it.
 */
export function toLiveEvent(decoded: Decoded, fields: Fields, id: string): LiveEvent {
  if (decoded.ok) return readable(decoded.entry, id);
  return {
    id,
    session: fieldOf(fields, 'session'),
    turn: fieldOf(fields, 'turn') || fieldOf(fields, 'id'),
    at: fieldOf(fields, 'at'),
    event: 'other',
    type: fieldOf(fields, 'type') || 'unreadable',
  };
}

function readable(entry: Entry, id: string): LiveEvent {
  const { session, at } = entry;
  const about = { id, session, turn: entry.turn ?? entry.id, at };
  switch (entry.type) {
    case 'message.received':
      return { ...about, event: 'message', sender: entry.body.sender, text: entry.body.text };
    case 'reply.drafted':
    case 'reply.finished': {
      const { reply, text, revision } = entry.body;
      return entry.type === 'reply.drafted'
        ? { ...about, event: 'draft', reply, text, revision }
        : { ...about, event: 'reply', reply, text };
    }
    case 'turn.status': {
      const { state, text, approval } = entry.body;
      return { ...about, event: 'status', state, text, approval };
    }
    case 'turn.failed':
      return { ...about, event: 'failed', reason: entry.body.reason, text: entry.body.text };
    case 'approval.requested':
      return { ...about, event: 'approval', approval: entry.body.approval };
    case 'approval.decided': {
      const { approval, decision, by, via } = entry.body;
      return { ...about, event: 'decision', approval, decision, by, via };
    }
    case 'approval.resolved': {
      const { approval, notice, status, by, text } = entry.body;
      return { ...about, event: 'approval_resolved', approval, notice, status, by, text };
    }
    case 'approval.reminded': {
      const { approval, expiresAt } = entry.body;
      return { ...about, event: 'reminder', approval, expiresAt };
    }
    case 'notice.raised':
      return entry.body.withdraws === undefined
        ? { ...about, event: 'notice', text: entry.body.text }
        : { ...about, event: 'other', type: entry.type };
    case 'message.edited':
    case 'message.redacted':
    case 'edit.redacted':
    case 'approval.expired':
    case 'timer.fired':
    case 'timer.set':
    case 'timer.cancelled':
    case 'feedback.given':
    case 'session.reset':
    case 'session.closed':
    case 'reply.withdrawn':
      return { ...about, event: 'other', type: entry.type };
    default:
      return entry satisfies never;
  }
}
