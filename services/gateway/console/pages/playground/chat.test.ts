import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../../api/live.ts';
import { type Chat, emptyChat, failMessage, mostItems, say, takeChunk, takeLive } from './chat.ts';

const about = { id: '1-0,1-0,1-0', session: 's', turn: 't1', at: '2026-11-21T12:00:00Z' };
const draft = (revision: number, text: string): LiveEvent => ({
  ...about,
  event: 'draft',
  reply: 'r1',
  text,
  revision,
});
const reply = (text: string): LiveEvent => ({ ...about, event: 'reply', reply: 'r1', text });
const message: LiveEvent = { ...about, event: 'message', sender: '@a:b', text: 'hello' };
const textsOf = (chat: Chat): string[] => chat.items.map((item) => ('text' in item ? item.text : item.kind));

describe('a conversation in the playground', () => {
  it('is the same however often its events are told', () => {
    const events = [message, draft(1, 'He'), draft(2, 'Hello'), reply('Hello!')];
    const once = events.reduce(takeLive, emptyChat);
    expect([...events, ...events].reduce(takeLive, emptyChat)).toEqual(once);
    expect(textsOf(once)).toEqual(['hello', 'Hello!']);
  });

  it('does not grow without end on a page that stays open', () => {
    let chat = emptyChat;
    for (let turn = 0; turn < 5_000; turn++) {
      const own = { ...about, turn: `t${turn}` };
      chat = takeLive(chat, { ...own, event: 'message', sender: '@a:b', text: `${turn}` });
      chat = takeLive(chat, { ...own, event: 'status', state: 'typing', text: '', approval: null });
      if (turn % 2 === 0) chat = takeLive(chat, { ...own, event: 'reply', reply: `r${turn}`, text: 'ok' });
    }
    expect(chat.items).toHaveLength(mostItems);
    expect(chat.typing.length).toBeLessThan(30);
    expect(textsOf(chat).at(-1)).toBe('4999');
  });

  it('never goes back to an older draft', () => {
    const chat = [draft(2, 'Hello'), draft(1, 'He')].reduce(takeLive, emptyChat);
    expect(textsOf(chat)).toEqual(['Hello']);
    expect(textsOf(takeLive(takeLive(chat, reply('Hello!')), draft(3, 'Hello')))).toEqual(['Hello!']);
  });

  it('shows a message once, whether the answer or the feed names its turn first', () => {
    const sent = say(emptyChat, 'm1', 'hello');
    const chunk = { name: 'text_chunk', data: { turn: 't1', reply: 'r1', text: 'He', revision: 1 } } as const;
    expect(textsOf(takeLive(takeChunk(sent, 'm1', chunk), message))).toEqual(['hello', 'He']);
    expect(textsOf(takeChunk(takeLive(sent, message), 'm1', chunk))).toEqual(['hello', 'He']);
    // After a reload the conversation's own account may come before the message is sent again.
    const again = say(takeLive(emptyChat, message), 'm1', 'hello');
    expect(textsOf(takeChunk(again, 'm1', chunk))).toEqual(['hello', 'He']);
  });

  it('keeps what the person themselves was told over what everybody sees', () => {
    const own = {
      name: 'text_final',
      data: { turn: 't1', reply: 'r1', text: 'to ann@example.org' },
    } as const;
    const chat = takeLive(takeChunk(emptyChat, 'm1', own), reply('to [email-1]'));
    expect(textsOf(chat)).toEqual(['to ann@example.org']);
    expect(textsOf(takeChunk(takeLive(emptyChat, reply('to [email-1]')), 'm1', own))).toEqual([
      'to ann@example.org',
    ]);
  });

  it('types while a turn runs, and not after its end', () => {
    const typing: LiveEvent = { ...about, event: 'status', state: 'typing', text: '', approval: null };
    const during = takeLive(emptyChat, typing);
    expect(during.typing).toEqual(['t1']);
    expect(takeLive(during, reply('Hello!')).typing).toEqual([]);
    expect(takeLive(takeLive(during, reply('Hello!')), typing).typing).toEqual([]);
  });

  it('says why a message was not sent', () => {
    const chat = failMessage(say(emptyChat, 'm1', 'hello'), 'm1', 'Too many messages.');
    expect(chat.items).toEqual([
      { kind: 'mine', key: 'm1', text: 'hello', turn: null, problem: 'Too many messages.' },
    ]);
  });
});
