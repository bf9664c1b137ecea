import type { Validator } from '../validator.ts';

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const unit = `(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])`;
const part = String.raw`\d{1,6}(?:[.,]\d{1,3})?\s?${unit}`;
const whole = new RegExp(String.raw`^${part}(?:(?:\s?,\s?|\s?and\s|\s)?${part}){0,4}$`, 'i');
const inText = new RegExp(String.raw`(?<![\w.,])${part}(?:(?:\s?,\s?|\s?and\s|\s)?${part}){0,4}(?!\w)`, 'gi');
const oneOf = /^(?:an?|one|half an?)\s(second|minute|hour|day|week)$/i;
const longestSeconds = 366 * unitSeconds.d;

/** A length of time, in seconds. */
export const durationValidator: Validator = {
  name: 'duration',
  description: 'a length of time, e.g. 90 minutes, 1 h 30 min or 2 days; in seconds',
  validate(written) {
    const text = written.trim().replace(/[.!?]$/, '');
    const seconds = text.length > 100 ? undefined : read(text);
    if (seconds === undefined) {
      return { ok: false, problem: 'I need a length of time here, for example 90 minutes or 2 days.' };
    }
    return seconds > 0 && seconds <= longestSeconds
      ? { ok: true, value: seconds }
      : { ok: false, problem: 'The time has to be more than nothing and at most a year.' };
  },
  find: (text) => text.match(inText) ?? [],
};

function read(text: string): number | undefined {
  const single = oneOf.exec(text);
  if (single !== null) return (text.toLowerCase().startsWith('half') ? 0.5 : 1) * secondsOf(single[1] ?? '');
  if (!whole.test(text)) return undefined;
  const parts = text.matchAll(new RegExp(String.raw`(\d+(?:[.,]\d+)?)\s?(${unit})`, 'gi'));
  return [...parts].reduce(
    (sum, [, count = '0', name = '']) => sum + Number(count.replace(',', '.')) * secondsOf(name),
    0,
  );
}

function secondsOf(name: string): number {
  const first = name[0]?.toLowerCase();
  return first === 's' || first === 'm' || first === 'h' || first === 'd' || first === 'w'
    ? unitSeconds[first]
    : 0;
}
