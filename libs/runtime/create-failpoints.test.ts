import { describe, expect, it } from 'vitest';
import { createFailpoints } from './create-failpoints.ts';
import { ConfigError, FailpointError } from './errors.ts';

function firings(text: string, name: string, hits: number): boolean[] {
  const failpoint = createFailpoints(text);
  return Array.from({ length: hits }, () => {
    try {
      failpoint(name);
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(FailpointError);
      return true;
    }
  });
}

describe('createFailpoints', () => {
  it('fires on the first hit only, on the numbered one, or on each', () => {
    expect(firings('a:throw', 'a', 3)).toEqual([true, false, false]);
    expect(firings('a:throw:2', 'a', 3)).toEqual([false, true, false]);
    expect(firings('a:throw:*', 'a', 3)).toEqual([true, true, true]);
  });

  it('leaves other places alone and takes a list', () => {
    const text = ' a.b:throw , c-d:throw:2, a.b:throw:3';
    expect(firings(text, 'other', 2)).toEqual([false, false]);
    expect(firings(text, 'a.b', 4)).toEqual([true, false, true, false]);
    expect(firings(text, 'c-d', 2)).toEqual([false, true]);
  });

  it('delays by a promise', async () => {
    const failpoint = createFailpoints('a:delay=30');
    const before = performance.now();
    await failpoint('a');
    expect(performance.now() - before).toBeGreaterThan(28);
    expect(failpoint('a')).toBeUndefined();
  });

  it.each(['a', 'a:', 'a:explode', 'a:throw:0', 'a:delay', 'a:delay=x', ':throw', 'a:throw:1:2'])(
    'refuses %s and names the form',
    (text) => {
      expect(() => createFailpoints(text)).toThrow(ConfigError);
      expect(() => createFailpoints(text)).toThrow('Set it to name:action[:hit]');
    },
  );
});
