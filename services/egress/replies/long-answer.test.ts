import { describe, expect, it } from 'vitest';
import type { Delivery } from '#streams/delivery';
import { beginningOf, createMessagesOf } from './long-answer.ts';

const chapters = Array.from({ length: 30 }, (_, n) => `## Chapter ${n} ##\n\n${'word '.repeat(200)}`);

const about = {
  msgtype: 'm.text',
  vagent: { kind: 'reply', session: 's', turn: 't', entry: '1-0' },
  place: { thread: null, replyTo: '$q' },
  mentions: ['@ana:x'],
} as const;
const answer = { session: 's', room: '!r:x', reply: 't', text: 'the answer' };

function messagesOf(parts: number, isStored: boolean) {
  return createMessagesOf({
    renderForPerson: async (_, text) =>
      text === answer.text
        ? Array.from({ length: parts }, (_, n) => ({ body: `part ${n}`, html: `part ${n}` }))
        : [{ body: text, html: text }],
    restoreForPerson: async (_, text) => text,
    storeAnswer: async () =>
      isStored
        ? { name: 'answer.md', mimetype: 'text/markdown', bytes: 1, source: { url: 'mxc://x/y' } }
        : undefined,
    // Nothing of the delivery is looked at here.
  })({} as Delivery, answer, about);
}

describe('beginningOf', () => {
  it('has the beginning, the first of the headings that follow, and where the rest is', () => {
    const text = beginningOf(['# All', 'Intro.', '```\n# no heading\n```', ...chapters].join('\n\n'));
    expect(text).toMatch(/^# All\n\nIntro\./);
    expect(text).toContain('- Chapter 5\n');
    expect(text).toMatch(/… and \d+ more/);
    expect(text).not.toContain('- no heading');
    expect(text).toContain('all of it is in the file below');
    expect(Buffer.byteLength(text)).toBeLessThan(4_000);
  });

  it('does without headings', () => {
    expect(beginningOf('word '.repeat(5_000))).not.toContain('Further on');
  });
});

describe('the messages of an answer', () => {
  it('are its parts, of which the first notifies, as long as they are few', async () => {
    const messages = await messagesOf(4, true);
    expect(messages.map(({ text }) => text.body)).toEqual(['part 0', 'part 1', 'part 2', 'part 3']);
    expect(messages.map(({ mentions }) => mentions.length)).toEqual([1, 0, 0, 0]);
  });

  it('are its beginning and a file beyond that', async () => {
    const messages = await messagesOf(5, true);
    expect(messages).toHaveLength(2);
    expect(messages[0].text.body).toContain('all of it is in the file below');
    expect(messages[1]).toMatchObject({ mentions: [], file: { name: 'answer.md' } });
  });

  it('are all of its parts where no file is taken', async () => {
    expect(await messagesOf(9, false)).toHaveLength(9);
  });
});
