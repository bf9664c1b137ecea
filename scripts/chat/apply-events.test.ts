import { describe, expect, it } from 'vitest';
import { applyEvents } from './apply-events.ts';
import type { RoomEvent } from './sync-answer.ts';

const bot = '@vagent:localhost';
const said = (id: string, body: string, content: Record<string, unknown> = {}, sender = bot): RoomEvent => ({
  type: 'm.room.message',
  event_id: id,
  sender,
  origin_server_ts: 0,
  content: { msgtype: 'm.text', body, ...content },
});
const own = (kind: string): Record<string, unknown> => ({
  'dev.vagent': { kind, session: 's', turn: '$question', entry: '1-1' },
});
const edit = (id: string, target: string, body: string, kind: string, sender = bot): RoomEvent =>
  said(
    id,
    `* ${body}`,
    {
      'm.new_content': { msgtype: 'm.text', body, ...own(kind) },
      'm.relates_to': { rel_type: 'm.replace', event_id: target },
    },
    sender,
  );

describe('applyEvents', () => {
  it('lets a draft grow in its place until it is the reply', () => {
    const items = applyEvents(
      [],
      [
        said('$a', 'To', own('draft')),
        said('$b', 'hi', {}, '@you:localhost'),
        edit('$c', '$a', 'To reset', 'draft'),
        edit('$d', '$a', 'To reset it', 'reply'),
      ],
    );
    expect(items.map(({ id, text, kind }) => [id, text, kind])).toEqual([
      ['$a', 'To reset it', 'reply'],
      ['$b', 'hi', 'message'],
    ]);
    expect(items[0]?.answers).toBe('$question');
  });

  it('believes no edit by somebody else', () => {
    const items = applyEvents(
      [],
      [said('$a', 'yes', own('reply')), edit('$b', '$a', 'no', 'reply', '@mallory:localhost')],
    );
    expect(items.map(({ text }) => text)).toEqual(['yes']);
  });

  it('shows an event once, however often it comes', () => {
    const events = [said('$a', 'yes'), said('$a', 'yes')];
    expect(applyEvents(applyEvents([], events), events)).toHaveLength(1);
  });

  it('takes redacted events away and shows reactions', () => {
    const redaction = { ...said('$c', ''), type: 'm.room.redaction', content: { redacts: '$a' } };
    const relation = { rel_type: 'm.annotation', event_id: '$b', key: '✅' };
    const reaction = { ...said('$d', ''), type: 'm.reaction', content: { 'm.relates_to': relation } };
    const items = applyEvents([], [said('$a', 'one'), said('$b', 'two'), redaction, reaction, reaction]);
    expect(items.map(({ id, reactions }) => [id, reactions])).toEqual([['$b', ['✅']]]);
  });
});
