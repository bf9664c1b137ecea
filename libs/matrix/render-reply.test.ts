import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editContent, type Message, messageContent } from './render-message.ts';
import { renderPlain } from './render-plain.ts';
import { renderReply } from './render-reply.ts';

const frame: Omit<Message, 'text'> = {
  msgtype: 'm.text',
  vagent: { kind: 'reply', session: '!r:x:main:@al:x', turn: '$q', entry: '1-0' },
  place: { thread: null, replyTo: '$q' },
  mentions: ['@al:x'],
};

describe('renderReply', () => {
  it('keeps each part, also as an edit, below what fits into an encrypted event, whatever signs it holds', () => {
    for (const sign of ['a ', '"', '&<>', '\u0001', '🦊', '\n', '*', '> ', '`']) {
      const texts = renderReply(sign.repeat(150_000 / sign.length), frame);
      for (const text of texts) {
        expect(Buffer.byteLength(JSON.stringify(editContent('$e', { ...frame, text })))).toBeLessThan(45_000);
      }
    }
  });

  it('gives the same parts each time', () => {
    const text = Array.from({ length: 5_000 }, (_, n) => `Line ${n} & more`).join('\n');
    expect(renderReply(text, frame)).toEqual(renderReply(text, frame));
    expect(renderReply(text, frame).length).toBeGreaterThan(3);
  });
});

describe('messageContent and editContent', () => {
  it('answers an event in the main timeline and in a thread', () => {
    const text = renderPlain('hi');
    const relation = (thread: string | null, replyTo: string | null): unknown =>
      JSON.parse(JSON.stringify(messageContent({ ...frame, text, place: { thread, replyTo } })))[
        'm.relates_to'
      ];
    expect(relation(null, '$q')).toEqual({ 'm.in_reply_to': { event_id: '$q' } });
    expect(relation(null, null)).toBeUndefined();
    const thread = { rel_type: 'm.thread', event_id: '$root' };
    expect(relation('$root', '$q')).toEqual({
      ...thread,
      is_falling_back: false,
      'm.in_reply_to': { event_id: '$q' },
    });
    for (const replyTo of [null, '$root']) {
      expect(relation('$root', replyTo)).toEqual({
        ...thread,
        is_falling_back: true,
        'm.in_reply_to': { event_id: '$root' },
      });
    }
  });

  it('carries the kind and the mentions inside an edit, and notifies nobody again', () => {
    const content = editContent('$target', { ...frame, text: renderPlain('new') });
    expect(content).toEqual({
      msgtype: 'm.text',
      body: '* new',
      'm.mentions': {},
      'm.new_content': {
        msgtype: 'm.text',
        body: 'new',
        format: 'org.matrix.custom.html',
        formatted_body: 'new',
        'm.mentions': { user_ids: ['@al:x'] },
        'dev.vagent': frame.vagent,
      },
      'm.relates_to': { rel_type: 'm.replace', event_id: '$target' },
      'dev.vagent': frame.vagent,
    });
  });

  it('T12: never addresses the whole room, and only ever mentions the asker', () => {
    const markdown = fc.array(
      fc.oneof(
        fc.constantFrom('@room', '@ROOM', ' ', '\n', '`', '[x](https://matrix.to/#/@bo:x)'),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(markdown, (pieces) => {
        for (const text of renderReply(pieces.join(''), frame)) {
          for (const content of [messageContent({ ...frame, text }), editContent('$e', { ...frame, text })]) {
            const json = JSON.stringify(content);
            expect(json).not.toMatch(/@room/i);
            expect(json).not.toContain('matrix.to/#/@bo');
            expect(json).not.toContain('"room":true');
            expect(json).toContain('"m.mentions":');
          }
        }
      }),
    );
  });
});
