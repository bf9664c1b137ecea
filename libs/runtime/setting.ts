import { z } from 'zod';
import { type SettingNote, settingNotes } from './setting-notes.ts';

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Builders of zod schemas for one environment variable each. All are required; zod's own `.optional()` and
 * `.default(value)` make them otherwise. Values lose the blanks around them, except secrets.
 */
export const setting = {
  /** Any text. `expects` ends the sentence "Set it to …". */
  text: (expects: string, isUsable: (text: string) => boolean = () => true) =>
    field({ expects, kind: 'plain' }, (raw) => (isUsable(raw.trim()) ? raw.trim() : undefined)),

  /** Text that must not appear in messages or logs, taken as it is. `isUsable` guards its form. */
  secret: (
    expects = 'its secret value',
    isUsable: (text: string) => boolean = () => true,
    options: Pick<SettingNote, 'isBlankRefused'> = {},
  ) => field({ ...options, expects, kind: 'secret' }, (raw) => (isUsable(raw) ? raw : undefined)),

  integer: (range: Range = {}) =>
    field({ expects: `a whole number${inWords(range)}`, kind: 'plain' }, (raw) => wholeNumber(raw, range)),

  /** A TCP port; 0 lets the system choose one. */
  port: () => {
    const range = { min: 0, max: 65_535 };
    return field({ expects: `a port${inWords(range)}`, kind: 'plain' }, (raw) => wholeNumber(raw, range));
  },

  /** A duration in whole milliseconds. */
  milliseconds: (range: Range = {}) => {
    const bounds = { min: 0, ...range };
    const expects = `whole milliseconds${inWords(bounds)}`;
    return field({ expects, kind: 'plain' }, (raw) => wholeNumber(raw, bounds));
  },

  /** A duration in hours, fractions allowed; the value stays in hours. */
  hours: (range: Range = {}) => {
    const bounds = { min: 0, ...range };
    return field({ expects: `hours${inWords(bounds)}, e.g. 24 or 0.5`, kind: 'plain' }, (raw) => {
      const text = raw.trim();
      return /^\d+(\.\d+)?$/.test(text) ? within(Number(text), bounds) : undefined;
    });
  },

  boolean: () =>
    field({ expects: 'true or false', kind: 'plain' }, (raw) => {
      const word = raw.trim().toLowerCase();
      if (['true', '1', 'yes', 'on'].includes(word)) return true;
      return ['false', '0', 'no', 'off'].includes(word) ? false : undefined;
    }),

  oneOf: <const Word extends string>(words: readonly Word[]) =>
    field({ expects: `one of ${words.join(', ')}`, kind: 'plain' }, (raw) => {
      const word = raw.trim();
      return words.find((known) => known === word);
    }),

  /** An absolute URL, as written. `protocols` end in a colon, like those of `URL`. */
  url: (protocols: readonly string[] = ['http:', 'https:']) => {
    const forms = protocols.map((protocol) => `${protocol}//`).join(' or ');
    return field({ expects: `a URL that begins with ${forms}`, kind: 'url' }, (raw) => {
      const parsed = URL.parse(raw.trim());
      return parsed !== null && protocols.includes(parsed.protocol) ? raw.trim() : undefined;
    });
  },

  /** Comma separated items, blanks around them dropped, at least one. `isItem` guards each. */
  list: (itemExpects = 'items', isItem: (item: string) => boolean = () => true) =>
    field({ expects: `a comma separated list of ${itemExpects}`, kind: 'plain' }, (raw) => {
      const items = raw
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      return items.length > 0 && items.every(isItem) ? items : undefined;
    }),
};

function field<Value>(note: SettingNote, parse: (raw: string) => Value | undefined) {
  const schema = z.string('is missing').transform((raw, context): Value => {
    const value = parse(raw);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: unusable(raw, note) });
    return z.NEVER;
  });
  settingNotes.add(schema, note);
  return schema;
}

function unusable(raw: string, note: SettingNote): string {
  // A URL may hold a password even where it does not parse.
  if (note.kind !== 'plain') return 'is not usable';
  return `is ${JSON.stringify(raw.length > 80 ? `${raw.slice(0, 80)}…` : raw)}`;
}

function wholeNumber(raw: string, range: Range): number | undefined {
  const text = raw.trim();
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? within(number, range) : undefined;
}

function within(number: number, { min = -Infinity, max = Infinity }: Range): number | undefined {
  return number >= min && number <= max ? number : undefined;
}

function inWords({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
