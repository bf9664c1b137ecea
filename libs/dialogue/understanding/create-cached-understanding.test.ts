import { describe, expect, it } from 'vitest';
import { createCachedUnderstanding, type FarCache } from './create-cached-understanding.ts';
import type { DialogueContext, Understand, UnderstandInput, Understanding } from './understanding.ts';

const nowhere: DialogueContext = { flow: null, awaiting: null, filled: [], paused: [], waiting: 0 };
const asked: DialogueContext = {
  flow: 'refund',
  awaiting: { flow: 'refund', slot: 'sure', type: 'boolean' },
  filled: ['amount'],
  paused: [],
  waiting: 0,
};
const names = { version: 'v1', name: 'model' };

function inputOf(text: string, context = nowhere, more: Partial<UnderstandInput> = {}): UnderstandInput {
  return {
    text,
    context,
    history: [],
    signal: new AbortController().signal,
    onUsage: () => undefined,
    ...more,
  };
}

function understandingOf(value: string): Understanding {
  return {
    commands: [{ kind: 'set_slot', slot: 'sure', value }],
    analysis: {
      topics: [],
      urgency: 'normal',
      tone: 'neutral',
      sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
    },
    confidence: 1,
  };
}

/** Counts its calls, and says in its answer which one it was. */
function counting(): { understand: Understand; calls: () => number } {
  let calls = 0;
  return { understand: async () => understandingOf(String(++calls)), calls: () => calls };
}

function mapCache(): FarCache & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
  };
}

describe('createCachedUnderstanding', () => {
  it('understands the same words at the same place once', async () => {
    const inner = counting();
    const understand = createCachedUnderstanding(inner.understand, names);
    const first = await understand(inputOf('yes'));
    expect(await understand(inputOf('  yes '))).toEqual(first);
    expect(inner.calls()).toBe(1);
  });

  it.each<[string, UnderstandInput]>([
    ['another question is open', inputOf('yes', asked)],
    ['another flow is active', inputOf('yes', { ...nowhere, flow: 'refund' })],
    ['other slots are filled', inputOf('yes', { ...nowhere, filled: ['amount'] })],
    ['another flow is paused', inputOf('yes', { ...nowhere, paused: ['refund'] })],
    ['a request waits', inputOf('yes', { ...nowhere, waiting: 1 })],
    [
      'something else was said before',
      inputOf('yes', nowhere, { history: [{ role: 'assistant', text: 'Sure?' }] }),
    ],
    ['it is written in capitals', inputOf('YES')],
  ])('takes "yes" for something else where %s', async (_, other) => {
    const inner = counting();
    const understand = createCachedUnderstanding(inner.understand, names);
    const first = await understand(inputOf('yes'));
    expect(await understand(other)).not.toEqual(first);
  });

  it('calls once for two equal messages at the same time', async () => {
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    const understand = createCachedUnderstanding(async () => {
      calls += 1;
      await gate.promise;
      return understandingOf('yes');
    }, names);
    const both = [understand(inputOf('yes')), understand(inputOf('yes'))];
    gate.resolve();
    expect(await Promise.all(both)).toEqual([understandingOf('yes'), understandingOf('yes')]);
    expect(calls).toBe(1);
  });

  it('calls anew where the turn that it waited for was given up', async () => {
    const first = new AbortController();
    const understand = createCachedUnderstanding(async ({ signal }) => {
      if (signal !== first.signal) return understandingOf('yes');
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }, names);
    const given = understand(inputOf('yes', nowhere, { signal: first.signal }));
    const other = understand(inputOf('yes'));
    first.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
    expect(await other).toEqual(understandingOf('yes'));
  });

  it('does not remember errors', async () => {
    let calls = 0;
    const understand = createCachedUnderstanding(async () => {
      calls += 1;
      if (calls === 1) throw new Error('overloaded');
      return understandingOf('yes');
    }, names);
    await expect(understand(inputOf('yes'))).rejects.toThrow('overloaded');
    expect(await understand(inputOf('yes'))).toEqual(understandingOf('yes'));
  });

  it('shares what it has sealed with other processes', async () => {
    const far = mapCache();
    const sealing = {
      seal: (json: string) => Buffer.from(json).toString('base64'),
      open: (sealed: string) => Buffer.from(sealed, 'base64').toString(),
    };
    const one = counting();
    const other = counting();
    const first = await createCachedUnderstanding(one.understand, { ...names, far, ...sealing })(
      inputOf('yes'),
    );
    const second = createCachedUnderstanding(other.understand, { ...names, far, ...sealing });
    expect(await second(inputOf('yes'))).toEqual(first);
    expect(other.calls()).toBe(0);
    expect([...far.kept.values()].join()).not.toContain('set_slot');
  });

  it('understands anew what another version of the playbook understood', async () => {
    const far = mapCache();
    const inner = counting();
    await createCachedUnderstanding(inner.understand, { ...names, far })(inputOf('yes'));
    await createCachedUnderstanding(inner.understand, { ...names, far, version: 'v2' })(inputOf('yes'));
    expect(inner.calls()).toBe(2);
  });

  it.each<[string, FarCache]>([
    ['fails', { get: () => Promise.reject(new Error('down')), set: () => Promise.reject(new Error('down')) }],
    ['holds something else', { get: async () => '{"commands":[]}', set: async () => undefined }],
    ['holds no JSON', { get: async () => '\u0000', set: async () => undefined }],
  ])('does its work where the far cache %s, and tells', async (_, far) => {
    const errors: unknown[] = [];
    const inner = counting();
    const onFarError = (error: unknown): void => void errors.push(error);
    const understand = createCachedUnderstanding(inner.understand, { ...names, far, onFarError });
    expect(await understand(inputOf('yes'))).toEqual(understandingOf('1'));
    expect(errors.length).toBeGreaterThan(0);
  });

  it('remembers for a minute at most that it did not understand', async () => {
    const kept: number[] = [];
    const far: FarCache = {
      get: async () => null,
      set: async (_key, _value, ttlMs) => void kept.push(ttlMs),
    };
    const unclear: Understanding = { ...understandingOf(''), commands: [{ kind: 'clarify', options: [] }] };
    await createCachedUnderstanding(async () => unclear, { ...names, far })(inputOf('hm'));
    await createCachedUnderstanding(async () => understandingOf('yes'), { ...names, far })(inputOf('yes'));
    expect(kept[0]).toBeLessThanOrEqual(60_000);
    expect(kept[1]).toBeGreaterThan(60_000);
  });
});
