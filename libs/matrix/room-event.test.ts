import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRoomEvent } from './room-event.ts';

const room = '!r:localhost';
const base = { event_id: '$e', sender: '@a:localhost', type: 'm.room.message', origin_server_ts: 0 };
const read = (event: Record<string, unknown>) => readRoomEvent({ ...base, ...event }, room);

describe('readRoomEvent', () => {
  it('reads a message in a thread, without the quote of its reply', () => {
    const event = read({
      origin_server_ts: 1_700_000_000_000,
      content: {
        msgtype: 'm.text',
        body: '> <@b:localhost> hi\n\nyes',
        'm.mentions': { user_ids: ['@b:localhost'] },
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: true,
          'm.in_reply_to': { event_id: '$last' },
        },
      },
    });
    expect(event).toMatchObject({
      kind: 'message',
      room,
      eventId: '$e',
      at: '2023-11-14T22:13:20.000Z',
      text: 'yes',
      thread: '$root',
      replyTo: '$last',
      isRealReply: false,
      mentions: ['@b:localhost'],
    });
  });

  it.each([
    [
      'a redaction of old rooms',
      { type: 'm.room.redaction', redacts: '$t', content: {} },
      { kind: 'redaction', redacts: '$t' },
    ],
    [
      'a redaction of new rooms',
      { type: 'm.room.redaction', content: { redacts: '$t' } },
      { kind: 'redaction', redacts: '$t' },
    ],
    [
      'a reaction',
      {
        type: 'm.reaction',
        content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$t', key: '✅' } },
      },
      { kind: 'reaction', target: '$t', key: '✅' },
    ],
    [
      'an edit',
      {
        content: {
          msgtype: 'm.text',
          body: '* b',
          'm.new_content': { msgtype: 'm.text', body: 'b' },
          'm.relates_to': { rel_type: 'm.replace', event_id: '$t' },
        },
      },
      { kind: 'edit', edits: '$t', text: 'b' },
    ],
    [
      'an edit of a file without a caption',
      {
        content: {
          msgtype: 'm.file',
          body: '* a.txt',
          'm.new_content': { msgtype: 'm.file', body: 'a.txt', url: 'mxc://x/y' },
          'm.relates_to': { rel_type: 'm.replace', event_id: '$t' },
        },
      },
      { kind: 'edit', edits: '$t', text: '' },
    ],
    [
      'a file with a caption',
      { content: { msgtype: 'm.image', body: 'Look', filename: 'a.png', url: 'mxc://x/y' } },
      { text: 'Look', attachments: [{ name: 'a.png', mimetype: null, size: null, url: 'mxc://x/y' }] },
    ],
    [
      'a file without one',
      { content: { msgtype: 'm.image', body: 'a.png', filename: 'a.png', url: 'mxc://x/y' } },
      { text: '', attachments: [{ name: 'a.png', mimetype: null, size: null, url: 'mxc://x/y' }] },
    ],
    [
      'an encrypted file, with what opens it',
      { content: { msgtype: 'm.file', body: 'a.txt', file: { url: 'mxc://x/y', iv: 'i' } } },
      { attachments: [{ name: 'a.txt', url: 'mxc://x/y', file: { url: 'mxc://x/y', iv: 'i' } }] },
    ],
    [
      'a membership and what it was',
      {
        type: 'm.room.member',
        state_key: '@b:localhost',
        content: { membership: 'join', displayname: 5 },
        unsigned: { prev_content: { membership: 'invite' } },
      },
      { kind: 'member', user: '@b:localhost', membership: 'join', displayName: null, previous: 'invite' },
    ],
    ['an encrypted event', { type: 'm.room.encrypted', content: { ciphertext: 'x' } }, { kind: 'encrypted' }],
    ['encryption', { type: 'm.room.encryption', state_key: '', content: {} }, { kind: 'encryption' }],
    [
      'a tombstone',
      { type: 'm.room.tombstone', state_key: '', content: { replacement_room: '!n' } },
      { kind: 'tombstone', replacement: '!n' },
    ],
    [
      'a redaction that was itself redacted',
      { type: 'm.room.redaction', content: {}, unsigned: { redacted_because: {} } },
      { kind: 'redacted' },
    ],
    ['a redacted message', { content: {}, unsigned: { redacted_because: {} } }, { kind: 'redacted' }],
    ['what it does not know', { type: 'org.example', content: {} }, { kind: 'other' }],
    ['a state event that looks like a message', { state_key: '', content: {} }, { kind: 'other' }],
  ])('reads %s', (_, event, fields) => {
    expect(read(event)).toMatchObject(fields);
  });

  it.each([
    ['no body', { content: { msgtype: 'm.text' } }, 'content.body'],
    [
      'an edit without new content',
      {
        content: { msgtype: 'm.text', body: 'x', 'm.relates_to': { rel_type: 'm.replace', event_id: '$t' } },
      },
      'content.m.new_content',
    ],
    ['a reaction to nothing', { type: 'm.reaction', content: {} }, 'content.m.relates_to'],
    [
      'an encrypted attachment without its place',
      { content: { msgtype: 'm.image', body: 'x', file: {} } },
      'content.file.url: no url',
    ],
    [
      'an attachment from elsewhere',
      { content: { msgtype: 'm.image', body: 'x', url: 'https://e.org/x' } },
      'not an mxc URL',
    ],
  ])('keeps %s with the reason', (_, event, reason) => {
    const decoded = read(event);
    expect(decoded).toMatchObject({ kind: 'undecodable', reason: expect.stringContaining(reason) });
    expect(decoded.raw).toEqual({ ...base, ...event });
  });

  it.each([1e300, -5, Number.NaN, 'soon'])('gives the time %s a legal form', (origin_server_ts) => {
    const event = read({ origin_server_ts, content: { msgtype: 'm.text', body: 'x' } });
    expect(event).toMatchObject({ kind: 'message', at: expect.stringMatching(/^\d{4}-/) });
  });

  it('never throws and always keeps what came', () => {
    const piece = fc.oneof(fc.jsonValue(), fc.constantFrom('$e', '@a:b', 'm.text', 'm.thread', 'm.replace'));
    const content = fc.dictionary(
      fc.constantFrom(
        'msgtype',
        'body',
        'm.relates_to',
        'm.new_content',
        'm.mentions',
        'url',
        'info',
        'dev.vagent',
      ),
      piece,
    );
    const type = fc.constantFrom(
      'm.room.message',
      'm.reaction',
      'm.room.member',
      'm.room.redaction',
      'm.room.encrypted',
    );
    const event = fc.oneof(
      piece,
      fc.record({ content, type }).map((parts) => ({ ...base, ...parts })),
    );
    fc.assert(
      fc.property(event, (raw) => {
        expect(readRoomEvent(raw, room).raw).toBe(raw);
      }),
    );
  });
});
