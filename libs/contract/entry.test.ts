import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractVersion, decodeEntry, type Entry, encodeEntry } from './entry.ts';

const time = fc
  .date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('9999-01-01') })
  .map((date) => date.toISOString());
const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const session = '!room:a.org:main:@ana:a.org';

const entry: fc.Arbitrary<Entry> = fc.record({
  type: fc.constant('message.received' as const),
  id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
  session: fc.constantFrom(session, '!hash:$e:@b:[::1]:80'),
  turn: fc.option(fc.string({ minLength: 1, maxLength: 40 }), { nil: undefined }),
  at: time,
  trace: fc.option(fc.string({ maxLength: 64 }), { nil: undefined }),
  body: fc.record({
    eventId: fc.constant('$event'),
    sender: fc.constant('@ana:a.org'),
    displayName: fc.oneof(text, fc.constant(null)),
    text,
    thread: fc.constantFrom(null, '$root'),
    replyTo: fc.constantFrom(null, '$other'),
    direct: fc.boolean(),
    attachments: fc.constant([{ name: 'a', mimetype: null, size: 3, url: 'mxc://a/b' }]),
    encrypted: fc.boolean(),
    originTime: time,
  }),
});

function withoutUndefined(value: Entry): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('entries', () => {
  it('decode into what was encoded, sealed or not', () => {
    const seal = (json: string) => Buffer.from(json).toString('base64');
    const open = (sealed: string) => Buffer.from(sealed, 'base64').toString();
    fc.assert(
      fc.property(entry, (given) => {
        expect(decodeEntry(encodeEntry(given))).toEqual({ ok: true, entry: withoutUndefined(given) });
        expect(decodeEntry(encodeEntry(given, seal), open)).toMatchObject({ ok: true });
      }),
    );
  });

  it('never make decoding throw, whatever their fields are', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'v',
        'type',
        'id',
        'session',
        'turn',
        'at',
        'trace',
        'body',
        '__proto__',
        'constructor',
        '',
      ),
      fc.string({ unit: 'binary' }),
    );
    const value = fc.oneof(
      fc.constantFrom(
        '1',
        '2',
        'message.received',
        'toString',
        session,
        '{}',
        'null',
        '[',
        '2026-01-01T00:00:00Z',
      ),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (fields) => {
        const decoded = decodeEntry(fields.flat());
        if (!decoded.ok) expect(decoded.reason).not.toBe('');
      }),
      { numRuns: 500 },
    );
    expect(({} as Record<string, unknown>)['v']).toBeUndefined();
  });

  const good = encodeEntry({
    type: 'session.reset',
    id: 'reset-1',
    session,
    at: '2026-01-02T03:04:05.000Z',
    body: { by: '@ana:a.org' },
  });
  const changed = (name: string, value: string) =>
    good.map((part, index) => (index % 2 === 1 && good[index - 1] === name ? value : part));

  it.each([
    ['no fields', [], 'unreadable'],
    ['a field twice', [...good, 'v', contractVersion], 'unreadable'],
    ['an unknown field twice', [...good, 'x', '1', 'x', '2'], 'unreadable'],
    ['no body', good.slice(0, -2), 'unreadable'],
    ['a body that is no JSON', changed('body', '{'), 'unreadable'],
    ['a body of another shape', changed('body', '{"by":1}'), 'unreadable'],
    ['a session that is none', changed('session', 'main'), 'unreadable'],
    ['a version that is no number', changed('v', 'one'), 'unreadable'],
    ['a time that is none', changed('at', 'yesterday'), 'unreadable'],
    ['a newer version', changed('v', '2'), 'unknown'],
    ['an unknown type', changed('type', 'message.sung'), 'unknown'],
    ['a type that every object has', changed('type', 'constructor'), 'unknown'],
    ['a type named __proto__', changed('type', '__proto__'), 'unknown'],
  ])('with %s are told apart from good ones', (_, fields, problem) => {
    expect(decodeEntry(fields)).toMatchObject({ ok: false, problem });
  });

  it('are left for a consumer that has their key, and given up when they were forged', () => {
    const [sample] = fc.sample(entry, 1);
    const fields = sample === undefined ? [] : encodeEntry(sample);
    const failing = (name: string) => () => {
      throw Object.assign(new Error('no'), { name });
    };
    expect(decodeEntry(fields, failing('PayloadKeyError'))).toMatchObject({ problem: 'unknown' });
    expect(decodeEntry(fields, failing('PayloadForgedError'))).toMatchObject({ problem: 'unreadable' });
  });

  it('keep working when a newer version adds fields', () => {
    const fields = [...changed('body', '{"by":"@ana:a.org","why":"more"}'), 'tenant', 'x'];
    expect(decodeEntry(fields)).toMatchObject({ ok: true, entry: { body: { by: '@ana:a.org' } } });
  });
});
