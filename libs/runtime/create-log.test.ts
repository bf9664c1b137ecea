import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from './create-log.ts';
import { SecretScrubber } from './secret-scrubber.ts';

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const log = createLog({ service: 'worker', format: 'json', output, ...options });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}');
  return { log, lines, last };
}

describe('createLog', () => {
  it('writes one JSON object per line with service, level, time and the fields of its children', () => {
    const { log, lines, last } = capture();
    log.child({ session: 's' }).warn({ attempt: 2 }, 'Tries again');
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      service: 'worker',
      session: 's',
      attempt: 2,
      msg: 'Tries again',
    });
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = capture({ level: 'error' });
    log.warn('not this');
    expect(lines).toEqual([]);
  });

  it.each([
    'token',
    'access_token',
    'as_token',
    'hs_token',
    'password',
    'secret',
    'authorization',
    'body',
    'content',
  ])('redacts %s at any depth, in lists, and in the fields of children', (key) => {
    const { log, lines } = capture();
    log.child({ [key]: 'canary' }).info({ a: { [key]: 'canary', b: [{ [key]: { deep: 'canary' } }] } }, 'x');
    log.info({ [key]: 'canary' }, 'x');
    expect(lines.join('')).not.toContain('canary');
    expect(lines.join('')).toContain('[redacted]');
  });

  it('covers secret values in messages, errors, causes, keys and URLs, plain or percent-encoded', () => {
    const secret = 'c"an/ary \\ ü';
    const { log, lines, last } = capture({ secrets: [secret] });
    const cause = new Error(`GET https://host/?token=${encodeURIComponent(secret)}`);
    log.error(
      {
        err: new Error(`login with ${secret}`, { cause }),
        [secret]: [secret],
        deep: { a: { b: { c: { d: secret } } } },
      },
      secret,
    );
    const text = lines.join('');
    expect(text).not.toContain('ary');
    expect(last()['msg']).toBe('[secret]');
    expect(last()['err']).toMatchObject({
      message: 'login with [secret]',
      cause: { message: 'GET https://host/?token=[secret]' },
    });
  });

  it('keeps lines valid JSON when a secret looks like a number or a key of the line', () => {
    const { log, last } = capture({ secrets: ['12345678', 'level'] });
    log.info({ count: 12345678, size: 1123456789, id: 'x12345678' }, 'level');
    expect(last()).toMatchObject({ count: '[secret]', size: 1123456789, id: 'x[secret]', msg: '[secret]' });
  });

  it('covers a secret that is learnt later', () => {
    const secrets = new SecretScrubber();
    const { log, last } = capture({ secrets });
    secrets.add('syt_later');
    log.info('uses syt_later');
    expect(last()['msg']).toBe('uses [secret]');
  });

  it('keeps plain fields of errors and drops the objects that clients hang on them', () => {
    const { log, last } = capture();
    const request = { headers: { Authorization: 'canary' } };
    const error = Object.assign(new Error('No'), { code: 'EX', statusCode: 429, retryable: true, request });
    log.error({ err: error }, 'Failed');
    expect(last()['err']).toMatchObject({
      type: 'Error',
      message: 'No',
      code: 'EX',
      statusCode: 429,
      retryable: true,
    });
    expect(last()['err']).not.toHaveProperty('request');
  });

  it('makes errors plain under any key and depth, and leaves dates alone', () => {
    const { log, last } = capture();
    const reason = Object.assign(new Error('No'), { request: { headers: 'canary' } });
    log.warn({ outcome: { reason }, at: new Date(0) }, 'x');
    expect(last()).toMatchObject({ outcome: { reason: { message: 'No' } }, at: '1970-01-01T00:00:00.000Z' });
    expect(JSON.stringify(last())).not.toContain('canary');
  });

  it('survives cycles', () => {
    const { log, last } = capture();
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    log.info({ cycle }, 'x');
    expect(JSON.stringify(last())).toContain('[too deep]');
  });

  it('shows the parts of an AggregateError and survives what is no error', () => {
    const { log, last } = capture();
    log.error({ err: new AggregateError([new Error('one'), 'two'], 'both') }, 'x');
    expect(last()['err']).toMatchObject({ errors: [{ message: 'one' }, { message: 'two' }] });
    log.error({ err: { code: 7, token: 'canary' } }, 'x');
    expect(last()['err']).toEqual({ code: 7, token: '[redacted]' });
    log.error({ err: undefined }, 'x');
    log.child({ err: new Error('in a child') }).error('x');
    expect(last()['err']).toMatchObject({ type: 'Error', message: 'in a child' });
  });

  it('writes for people when asked', () => {
    const { log, lines } = capture({ format: 'pretty' });
    log.info({ port: 8080, path: 'a b' }, 'Listens');
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} {2}INFO {3}worker {2}Listens {2}port=8080 path="a b"\n$/,
    );
  });
});
