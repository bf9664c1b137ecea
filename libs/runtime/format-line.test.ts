import { describe, expect, it } from 'vitest';
import { formatLine } from './format-line.ts';

const line = (fields: object) =>
  JSON.stringify({ level: 'info', time: '2026-01-02T03:04:05.678Z', service: 'egress', ...fields });

describe('formatLine', () => {
  it('puts time, level, service, message and fields on one line', () => {
    const text = formatLine(line({ msg: 'Sent', room: '!a:b', tries: 2, names: ['x'] }), { colours: false });
    expect(text).toBe('03:04:05.678  INFO   egress  Sent  room=!a:b tries=2 names=["x"]\n');
  });

  it('shows the stack of an error and of its causes below', () => {
    const err = { stack: 'Error: a\n    at b', cause: { message: 'c' } };
    const text = formatLine(line({ level: 'error', msg: 'Failed', err }), { colours: false });
    expect(text.split('\n').slice(1)).toEqual(['    Error: a', '        at b', '    caused by: c', '']);
  });

  it('colours the level on request', () => {
    expect(formatLine(line({ msg: 'x' }), { colours: true })).toContain('\u001b[32mINFO \u001b[0m');
  });

  it('lets no text of strangers steer the terminal', () => {
    const err = { stack: 'a\u001b[2Jb' };
    // U+009B alone begins a control sequence, and JSON does not escape it.
    const fields = { msg: 'a\u001b[2Jb\nc\u202e', name: 'x\u001b[0m\u009b2J', list: ['\u202e'], '\u009b': 1 };
    const text = formatLine(line({ ...fields, err }), { colours: false });
    expect(text).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(text.split('\n')).toHaveLength(3);
  });

  it('passes on what is no JSON object', () => {
    expect(formatLine('plain text\n', { colours: false })).toBe('plain text\n');
  });
});
