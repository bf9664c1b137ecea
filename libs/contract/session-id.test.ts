import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventId, roomId, userId } from './matrix-ids.ts';
import { formatSessionId, parseSessionId, type Session } from './session-id.ts';

const isShort = (id: string): boolean => Buffer.byteLength(id) <= 255;

const hexQuad = fc.integer({ min: 0, max: 0xffff }).map((quad) => quad.toString(16));
const ipv6 = fc.array(hexQuad, { minLength: 8, maxLength: 8 }).map((quads) => `[${quads.join(':')}]`);
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  ipv6,
  fc.constantFrom('localhost', '[::1]', 'a', 'main', 'A-1.b'),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const server = fc.tuple(host, port).map(([name, at]) => (at === undefined ? name : `${name}:${at}`));

/** Any code point that the spec allows in an opaque or a historical local part, the troublesome ones often. */
const opaqueUnit = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('@', '$', '!', '{', '\n', '🙂'),
  )
  .filter((unit) => unit !== ':' && unit !== '\u0000' && unit.isWellFormed());
const opaque = fc.string({ unit: opaqueUnit, minLength: 1, maxLength: 40 });
const hash = fc.stringMatching(/^[0-9A-Za-z_-]{43}$/);

const room = fc
  .oneof(
    fc.tuple(opaque, server).map(([id, at]) => `!${id}:${at}`),
    hash.map((id) => `!${id}`),
  )
  .filter(isShort);
const thread = fc
  .oneof(
    fc.tuple(opaque, server).map(([id, at]) => `$${id}:${at}`),
    hash.map((id) => `$${id}`),
    fc.stringMatching(/^[0-9A-Za-z+/]{43}$/).map((id) => `$${id}`),
  )
  .filter(isShort);
const user = fc
  .tuple(fc.string({ unit: opaqueUnit, maxLength: 40 }), server)
  .map(([local, at]) => `@${local}:${at}`)
  .filter(isShort);
const session: fc.Arbitrary<Session> = fc.record({ room, thread: fc.option(thread), user });

describe('session ids', () => {
  it('parse into exactly what they were made of, for every legal room, thread and user', () => {
    fc.assert(
      fc.property(session, (made) => {
        expect(roomId.safeParse(made.room).success, made.room).toBe(true);
        expect(made.thread === null || eventId.safeParse(made.thread).success, String(made.thread)).toBe(
          true,
        );
        expect(userId.safeParse(made.user).success, made.user).toBe(true);
        expect(parseSessionId(formatSessionId(made))).toEqual(made);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are formatted back into the same text whenever any text parses', () => {
    const part = fc.constantFrom(
      '!a:b',
      '!hash',
      ':',
      'main',
      '$e',
      '$e:b',
      '@u:b',
      '@',
      '[::1]',
      ':80',
      'x',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseSessionId(given);
        if (parsed !== undefined) expect(formatSessionId(parsed)).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['!r:a.org:main:@ana:a.org', { room: '!r:a.org', thread: null, user: '@ana:a.org' }],
    [
      '!r:[::1]:8448:$e:@a:[1:2:3:4:5:6:7:8]:1',
      { room: '!r:[::1]:8448', thread: '$e', user: '@a:[1:2:3:4:5:6:7:8]:1' },
    ],
    ['!main:main:@main:main', { room: '!main', thread: null, user: '@main:main' }],
    ['!main:main:main:@main:main', { room: '!main:main', thread: null, user: '@main:main' }],
    ['!r:$main:b:main:@u:b', undefined],
    ['!r@$!:b:$e@:c:@$@!:d', { room: '!r@$!:b', thread: '$e@:c', user: '@$@!:d' }],
  ])('reads %s', (text, expected) => {
    expect(parseSessionId(text)).toEqual(expected);
  });

  it.each(['', 'main', '!r:a.org', '!r:a.org:main', ':main:@u:a', '!r:a.org::@u:a', '@u:a:main:!r:a'])(
    'refuses %j',
    (text) => {
      expect(parseSessionId(text)).toBeUndefined();
    },
  );
});
