import type { z } from 'zod';
import type { ChunkName, chunkEvents } from '../../../api/conversation.ts';
import type { LiveEvent } from '../../../api/live.ts';

/** One thing in a conversation, in the order in which it was first heard of. */
export type ChatItem =
  | {
      readonly kind: 'mine';
      readonly key: string;
      readonly text: string;
      /** Null until the gateway has told which turn it began. */
      readonly turn: string | null;
      readonly problem: string | null;
    }
  | {
      readonly kind: 'reply';
      readonly key: string;
      readonly turn: string;
      readonly text: string;
      readonly revision: number;
      readonly isFinal: boolean;
      /** Told to the person themselves, with their personal data put back. */
      readonly isOwn: boolean;
    }
  | { readonly kind: 'approval'; readonly key: string; readonly actions: readonly string[] }
  | { readonly kind: 'status' | 'failed'; readonly key: string; readonly text: string };

export interface Chat {
  readonly items: readonly ChatItem[];
  /** The turns that are being worked on. */
  readonly typing: readonly string[];
}

/** Any event of a `process_message` stream. */
export type Chunk = {
  [Name in ChunkName]: { name: Name; data: z.infer<(typeof chunkEvents)[Name]> };
}[ChunkName];

/** A page that stays open for days holds so many things; the whole conversation is on a page of its own. */
export const mostItems = 400;

export const emptyChat: Chat = { items: [], typing: [] };

/** Shown before it is sent. */
export function say(chat: Chat, key: string, text: string): Chat {
  return put(chat, { kind: 'mine', key, text, turn: null, problem: null });
}

export function failMessage(chat: Chat, key: string, problem: string): Chat {
  const items = chat.items.map((item) =>
    item.key === key && item.kind === 'mine' ? { ...item, problem } : item,
  );
  return { ...chat, items };
}

/** What the answer to one's own message tells. `messageKey` is that of the message. */
export function takeChunk(before: Chat, messageKey: string, { name, data }: Chunk): Chat {
  const chat = nameTurn(before, messageKey, data.turn);
  switch (name) {
    case 'text_chunk':
      return takeReply(chat, { ...data, isFinal: false, isOwn: true });
    case 'text_final':
      // Without a reply it repeats what a status has said.
      if (data.reply === null) return data.text === '' ? chat : put(chat, statusOf(data.turn, data.text));
      return takeReply(chat, {
        ...data,
        reply: data.reply,
        revision: Number.MAX_SAFE_INTEGER,
        isFinal: true,
        isOwn: true,
      });
    case 'hitl_request':
      return put(chat, { kind: 'approval', key: data.approval, actions: data.actions });
    case 'error':
      return rest(put(chat, { kind: 'failed', key: `failed:${data.turn}`, text: data.detail }), data.turn);
    case 'done':
      return rest(chat, data.turn);
  }
}

/** What everybody who looks at the conversation is told. The same event twice changes nothing. */
export function takeLive(chat: Chat, event: LiveEvent): Chat {
  const { turn } = event;
  switch (event.event) {
    case 'message':
      return takeMessage(chat, turn, event.text);
    case 'draft':
      return takeReply(chat, { ...event, isFinal: false, isOwn: false });
    case 'reply':
      return rest(
        takeReply(chat, { ...event, revision: Number.MAX_SAFE_INTEGER, isFinal: true, isOwn: false }),
        turn,
      );
    case 'status':
      if (event.state === 'typing')
        return isOver(chat, turn)
          ? chat
          : { ...chat, typing: [...new Set([...chat.typing.slice(-20), turn])] };
      return rest(event.text === '' ? chat : put(chat, statusOf(turn, event.text)), turn);
    case 'failed':
      return rest(put(chat, { kind: 'failed', key: `failed:${turn}`, text: event.text }), turn);
    case 'approval': {
      const actions = event.approval.actions.map(({ name }) => name);
      return put(chat, { kind: 'approval', key: event.approval.id, actions });
    }
    default:
      return chat;
  }
}

interface Told {
  readonly turn: string;
  readonly reply: string;
  readonly text: string;
  readonly revision: number;
  readonly isFinal: boolean;
  readonly isOwn: boolean;
}

/** The text of the highest revision stays, and of the same one that which was told to the person themselves. */
function takeReply(chat: Chat, { turn, reply, text, revision, isFinal, isOwn }: Told): Chat {
  const known = chat.items.find((item) => item.key === reply);
  if (known?.kind === 'reply') {
    if (known.revision > revision) return chat;
    if (known.revision === revision && (known.isOwn || !isOwn)) return chat;
  }
  return put(chat, { kind: 'reply', key: reply, turn, text, revision, isFinal, isOwn });
}

function takeMessage(chat: Chat, turn: string, text: string): Chat {
  if (chat.items.some((item) => item.kind === 'mine' && item.turn === turn)) return chat;
  const waiting = chat.items.find(
    (item) => item.kind === 'mine' && item.turn === null && item.problem === null,
  );
  if (waiting !== undefined) return nameTurn(chat, waiting.key, turn);
  return put(chat, { kind: 'mine', key: `message:${turn}`, text, turn, problem: null });
}

function nameTurn(chat: Chat, key: string, turn: string): Chat {
  const known = chat.items.some((item) => item.kind === 'mine' && item.turn === turn && item.key !== key);
  const items = chat.items.flatMap((item) => {
    if (item.kind !== 'mine' || item.key !== key || item.turn !== null) return [item];
    // The conversation's own account of it came first.
    return known ? [] : [{ ...item, turn }];
  });
  return { ...chat, items };
}

function statusOf(turn: string, text: string): ChatItem {
  return { kind: 'status', key: `status:${turn}`, text };
}

function isOver(chat: Chat, turn: string): boolean {
  return chat.items.some(
    (item) =>
      (item.kind === 'reply' && item.turn === turn && item.isFinal) ||
      item.key === `status:${turn}` ||
      item.key === `failed:${turn}`,
  );
}

function rest(chat: Chat, turn: string): Chat {
  return { ...chat, typing: chat.typing.filter((one) => one !== turn) };
}

/** Replaces what has the same key, where it stands. */
function put(chat: Chat, item: ChatItem): Chat {
  const at = chat.items.findIndex(({ key }) => key === item.key);
  // More than the timeline that is asked for again brings back: what is let go here stays away.
  return { ...chat, items: at < 0 ? [...chat.items.slice(1 - mostItems), item] : chat.items.with(at, item) };
}
