import { describe, expect, it } from 'vitest';
import { readDecrypted, readUndecryptable } from './read-decrypted.ts';
import { readRoomEvent } from './room-event.ts';

const room = '!r:localhost';
const text = (body: string) => ({ msgtype: 'm.text', body });
const thread = (id: string) => ({ 'm.relates_to': { rel_type: 'm.thread', event_id: id } });
const raw = (content: object = {}, more: object = {}) => ({
  event_id: '$e',
  sender: '@ana:localhost',
  type: 'm.room.encrypted',
  origin_server_ts: 1_000,
  content: { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', ...content },
  ...more,
});

describe('readDecrypted', () => {
  it('takes the envelope from outside and the words from inside', () => {
    const event = readDecrypted(raw(), room, { type: 'm.room.message', content: text('hi'), isSigned: true });
    expect(event).toMatchObject({
      kind: 'message',
      encrypted: true,
      isSigned: true,
      eventId: '$e',
      sender: '@ana:localhost',
      type: 'm.room.message',
      text: 'hi',
      at: new Date(1_000).toISOString(),
      raw: raw(),
    });
  });

  it.each([
    ['from outside where inside is none', thread('$out'), {}, '$out'],
    ['from inside where both have one', thread('$out'), thread('$in'), '$in'],
  ])('takes the relation %s', (_, outside, inside, expected) => {
    const content = { ...text('hi'), ...inside };
    const event = readDecrypted(raw(outside), room, { type: 'm.room.message', content, isSigned: false });
    expect(event).toMatchObject({ kind: 'message', thread: expected });
  });

  it('reads an edit whose relation stands outside', () => {
    const outside = { 'm.relates_to': { rel_type: 'm.replace', event_id: '$t' } };
    const content = { ...text('* b'), 'm.new_content': text('b') };
    const event = readDecrypted(raw(outside), room, { type: 'm.room.message', content, isSigned: false });
    expect(event).toMatchObject({ kind: 'edit', edits: '$t', text: 'b', encrypted: true });
  });

  it.each(['m.room.redaction', 'm.room.member', 'm.room.tombstone', 'm.room.encryption', 'm.room.encrypted'])(
    'makes nothing of a hidden %s, which no homeserver could check',
    (type) => {
      const content = { redacts: '$x', membership: 'ban', replacement_room: '!n:localhost' };
      const event = readDecrypted(raw({}, { state_key: '', redacts: '$x' }), room, {
        type,
        content,
        isSigned: false,
      });
      expect(event).toMatchObject({ kind: 'other' });
    },
  );

  it('stays redacted', () => {
    const event = readDecrypted(raw({}, { unsigned: { redacted_because: {} } }), room, {
      type: 'm.room.message',
      content: text('gone'),
      isSigned: false,
    });
    expect(event).toMatchObject({ kind: 'redacted' });
  });

  it('is unreadable where the envelope is', () => {
    expect(
      readDecrypted({ content: {} }, room, { type: 'm.room.message', content: text('x'), isSigned: false }),
    ).toMatchObject({
      kind: 'unreadable',
    });
  });
});

describe('what cannot be decrypted', () => {
  it('tells what can be seen from outside', () => {
    const content = {
      'm.relates_to': { ...thread('$root')['m.relates_to'], 'm.in_reply_to': { event_id: '$m' } },
    };
    const relation = { thread: '$root', replyTo: '$m', edits: null };
    expect(readRoomEvent(raw(content), room)).toMatchObject({
      kind: 'encrypted',
      encrypted: false,
      ...relation,
    });
    const event = readUndecryptable(raw(content), room, { reason: 'its key did not come', isLate: true });
    expect(event).toMatchObject({ kind: 'undecryptable', reason: 'its key did not come', ...relation });
  });

  it.each([5, 'x', { rel_type: 5, event_id: [] }, { rel_type: 'm.thread', event_id: 'x' }, null])(
    'has no relation where it is %j',
    (broken) => {
      const none = { thread: null, replyTo: null, edits: null };
      expect(readRoomEvent(raw({ 'm.relates_to': broken }), room)).toMatchObject({
        kind: 'encrypted',
        ...none,
      });
    },
  );
});
