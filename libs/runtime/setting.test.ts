import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { setting } from './setting.ts';

type Row = [what: string, schema: z.ZodType, accepted: [string, unknown][], refused: string[]];

const rows: Row[] = [
  [
    'integer',
    setting.integer({ min: -1, max: 10 }),
    [
      [' 7 ', 7],
      ['-1', -1],
      ['+3', 3],
    ],
    ['11', '-2', '1.5', '1e1', '0x1', 'x'],
  ],
  [
    'integer without bounds',
    setting.integer(),
    [['123456789', 123456789]],
    ['9007199254740993', '--1', '1 2'],
  ],
  [
    'port',
    setting.port(),
    [
      ['0', 0],
      ['65535', 65_535],
    ],
    ['65536', '-1', 'http'],
  ],
  ['milliseconds', setting.milliseconds({ max: 1000 }), [['1000', 1000]], ['1001', '-1', '5s']],
  [
    'hours',
    setting.hours({ min: 0.5 }),
    [
      ['24', 24],
      ['0.5', 0.5],
    ],
    ['0.4', '.5', '1e3', 'Infinity'],
  ],
  [
    'boolean',
    setting.boolean(),
    [
      ['TRUE', true],
      ['1', true],
      ['on', true],
      ['no', false],
      ['Off', false],
    ],
    ['2', 'y', 'truthy'],
  ],
  ['oneOf', setting.oneOf(['sync', 'appservice']), [[' sync', 'sync']], ['Sync', 'push', 'toString']],
  [
    'url',
    setting.url(),
    [[' http://host/x/ ', 'http://host/x/']],
    ['host', 'redis://host', 'http://', 'javascript:alert(1)'],
  ],
  [
    'list',
    setting.list('words', (word) => /^\w+$/.test(word)),
    [
      ['a, b ,,c', ['a', 'b', 'c']],
      ['a', ['a']],
    ],
    [',', 'a,-'],
  ],
  ['text', setting.text('a slug', (text) => /^[a-z-]+$/.test(text)), [[' a-b ', 'a-b']], ['A', 'a b']],
  [
    'secret',
    setting.secret('words', (text) => !/\d/.test(text)),
    [[' keeps blanks ', ' keeps blanks ']],
    ['1'],
  ],
];

describe.each(rows)('setting.%s', (_what, schema, accepted, refused) => {
  it.each(accepted)('reads %j', (raw, value) => {
    expect(schema.parse(raw)).toEqual(value);
  });

  it(`refuses ${refused.join(' | ')}`, () => {
    expect(refused.filter((raw) => schema.safeParse(raw).success)).toEqual([]);
  });
});

it('cuts a long unusable value short in the message', () => {
  const result = setting.integer().safeParse('x'.repeat(500));
  expect(result.error?.issues[0]?.message).toBe(`is "${'x'.repeat(80)}…"`);
});
