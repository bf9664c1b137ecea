import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiSessionOf, apiUserOf, isApiSession } from './api-session.ts';
import { userId } from './matrix-ids.ts';
import { formatSessionId, parseSessionId } from './session-id.ts';

const subject = fc.string({ unit: 'grapheme', maxLength: 300 });
const conversation = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

describe('conversations over HTTP', () => {
  it('give every subject a legal user id, and no two subjects the same', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        expect(userId.safeParse(apiUserOf(one)).success).toBe(true);
        expect(apiUserOf(one) === apiUserOf(other)).toBe(one === other);
      }),
    );
  });

  it('have a legal session of their own for each user and name', () => {
    fc.assert(
      fc.property(subject, conversation, subject, conversation, (one, name, other, otherName) => {
        const session = apiSessionOf(apiUserOf(one), name);
        expect(parseSessionId(session)?.user).toBe(apiUserOf(one));
        expect(isApiSession(session)).toBe(true);
        const isSame = one === other && name === otherName;
        expect(session === apiSessionOf(apiUserOf(other), otherName)).toBe(isSame);
      }),
    );
  });

  it('keep a Matrix user id as it is', () => {
    expect(apiUserOf('@ann:example.org')).toBe('@ann:example.org');
  });

  it('are told from those of a homeserver, whatever these are called', () => {
    const room = '!gateway.invalid:example.org';
    expect(isApiSession(formatSessionId({ room, thread: null, user: '@a:gateway.invalid' }))).toBe(false);
    expect(isApiSession('no session')).toBe(false);
  });
});
