import { describe, expect, it } from 'vitest';
import type { Message } from '#models/message';
import { appendMessages, longestText } from './append-messages.ts';

const say = (text: string): Message => ({ role: 'user', text });

describe('the history of a conversation', () => {
  it('keeps the newest 40 to 50 messages, and loses its head in one of five turns only', () => {
    let history: Message[] = [];
    let cuts = 0;
    for (let turn = 1; turn <= 100; turn += 1) {
      const next = appendMessages(history, [say(`question ${turn}`), say(`answer ${turn}`)]);
      if (next.length < history.length) cuts += 1;
      history = next;
      expect(history.length).toBeLessThanOrEqual(50);
      expect(history.length).toBeGreaterThanOrEqual(Math.min(2 * turn, 40));
      expect(history.at(-1)).toEqual(say(`answer ${turn}`));
    }
    expect(cuts).toBe(13);
  });

  it('keeps the beginning of a long message', () => {
    const [{ text } = say('')] = appendMessages([], [say('a'.repeat(longestText + 1))]);
    expect(text).toBe(`${'a'.repeat(longestText - 1)}…`);
  });
});
