import type { z } from 'zod';
import { approvalCodeOf } from '#contract/approval';
import type { chunkEvents } from '../api/conversation.ts';
import type { LiveEvent } from '../api/live.ts';

export type Chunk = {
  [Name in keyof typeof chunkEvents]: {
    readonly name: Name;
    readonly data: z.output<(typeof chunkEvents)[Name]>;
    /** True for what a turn ends with: then its outcome stands in the ledger. */
    readonly isLast: boolean;
  };
}[keyof typeof chunkEvents];

/** What whoever sent a message is told of an event of its turn; undefined for what is not for them. */
export function chunkOf(event: LiveEvent): Chunk | undefined {
  const { turn } = event;
  switch (event.event) {
    case 'draft': {
      const { reply, text, revision } = event;
      return { name: 'text_chunk', data: { turn, reply, text, revision }, isLast: false };
    }
    case 'reply':
      return { name: 'text_final', data: { turn, reply: event.reply, text: event.text }, isLast: true };
    case 'status':
      return event.state === 'waiting'
        ? { name: 'text_final', data: { turn, reply: null, text: event.text }, isLast: true }
        : undefined;
    case 'failed':
      return { name: 'error', data: { turn, detail: event.text }, isLast: true };
    case 'approval': {
      const { id, actions, expiresAt } = event.approval;
      const names = actions.map(({ name }) => name);
      const asked = { approval: id, code: approvalCodeOf(id), actions: names, expires_at: expiresAt };
      return { name: 'hitl_request', data: { turn, ...asked }, isLast: true };
    }
    default:
      return undefined;
  }
}
