import { describe, expect, it } from 'vitest';
import { askAhead, freshMs } from './ask-ahead.ts';

/** A question that counts how often it was asked, under a clock that a test moves. */
function question(answers: readonly (() => Promise<string>)[]) {
  let asked = 0;
  let ms = 0;
  const answer = askAhead(
    () => answers[asked++]?.() ?? Promise.reject(new Error('asked once too often')),
    () => ms,
  );
  return {
    answer,
    asked: () => asked,
    pass: async (by: number) => {
      // The first answer has come by then.
      await new Promise(setImmediate);
      ms += by;
    },
  };
}

const says = (text: string) => async () => text;
const fails = (text: string) => () => Promise.reject(new Error(text));

describe('askAhead', () => {
  it('asks at once, and once for those who want the answer while it is fresh', async () => {
    const { answer, asked, pass } = question([says('no'), says('yes')]);
    expect(asked()).toBe(1);
    await pass(freshMs);
    expect(await Promise.all([answer(), answer()])).toEqual(['no', 'no']);
    expect(asked()).toBe(1);
  });

  it('asks anew for whoever wants it later', async () => {
    const { answer, asked, pass } = question([says('no'), says('yes')]);
    await pass(freshMs + 1);
    expect(await answer()).toBe('yes');
    expect(asked()).toBe(2);
  });

  it('counts from when the answer came: one that takes long is no older than one that is waited for', async () => {
    const late = Promise.withResolvers<string>();
    const { answer, asked, pass } = question([() => late.promise]);
    await pass(60_000);
    const waited = answer();
    late.resolve('no');
    expect(await waited).toBe('no');
    expect(asked()).toBe(1);
  });

  it('tells a fresh failure, and believes no old one', async () => {
    const fresh = question([fails('Redis is away')]);
    await fresh.pass(0);
    await expect(fresh.answer()).rejects.toThrow('Redis is away');
    const old = question([fails('Redis is away'), says('no')]);
    await old.pass(freshMs + 1);
    expect(await old.answer()).toBe('no');
  });

  it('lets nothing fail where nobody wants the answer', async () => {
    const { pass, asked } = question([fails('nobody hears of it')]);
    await pass(0);
    expect(asked()).toBe(1);
  });
});
