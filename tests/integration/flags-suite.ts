import { afterEach, expect, it, vi } from 'vitest';
import type { Canaries } from '#agents/flags/canary';
import { createFlags, type FlagsDeps } from '#agents/flags/create-flags';
import type { FlagContext, FlagOutcome } from '#agents/flags/flags';
import { eventually } from '../support/eventually.ts';

type Opened = Awaited<ReturnType<typeof createFlags>>;

export const ann: FlagContext = { user: '@ann:acme.example', room: '!one:acme.example' };

export const canary = { minSamples: 4, maxErrorRate: 0.25, maxRejectRate: 0.5, maxEditRate: 0.5 };

/** One flag named `new`, as flagd writes it. */
export function flagsText(definition: object): string {
  return JSON.stringify({
    flags: {
      new: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on', ...definition },
    },
  });
}

export const canaryText = flagsText({ metadata: { canary } });

/** What every way of counting canaries keeps, as seen through flags. `open` starts with nothing counted. */
export function describeCanaries(open: () => Canaries): void {
  const opened: Opened[] = [];
  afterEach(async () => {
    for (const flags of opened.splice(0)) await flags[Symbol.asyncDispose]();
  });

  async function worker(
    canaries: Canaries,
    text = canaryText,
    more: Partial<FlagsDeps> = {},
  ): Promise<Opened> {
    const flags = await createFlags({ text, canaries, ...more });
    opened.push(flags);
    return flags;
  }

  async function reportAll(flags: Opened, outcomes: readonly FlagOutcome[], from = 0) {
    const told: (string | undefined)[] = [];
    for (const [i, outcome] of outcomes.entries()) {
      told.push(await flags.report('new', ann, outcome, `$${from + i}`));
    }
    return told;
  }

  it('leaves a flag on while its rates are within the limits', async () => {
    const flags = await worker(open());
    expect(await reportAll(flags, ['error', 'ok', 'edited', 'ok', 'rejected', 'ok', 'ok'])).toEqual(
      Array(7).fill(undefined),
    );
    expect(await flags.isOn('new', ann)).toBe(true);
  });

  it.each<[FlagOutcome, FlagOutcome[], string]>([
    ['error', ['error', 'error', 'ok', 'ok'], '2 failed (50 %, at most 25 % are allowed)'],
    [
      'rejected',
      ['rejected', 'rejected', 'ok', 'rejected'],
      '3 were rejected (75 %, at most 50 % are allowed)',
    ],
    ['edited', ['edited', 'edited', 'edited', 'edited'], '4 were edited (100 %, at most 50 % are allowed)'],
  ])(
    'rolls back on its rate of %s, not before the least samples, and says so',
    async (_, outcomes, words) => {
      const flags = await worker(open());
      const told = await reportAll(flags, outcomes);
      expect(told.slice(0, 3)).toEqual([undefined, undefined, undefined]);
      expect(told[3]).toBe(
        `The flag "new" was rolled back: of its latest 4 uses ${words}. ` +
          'It stays off for everybody until its definition in flags.json is changed.',
      );
      expect(await flags.isOn('new', ann)).toBe(false);
      expect(await flags.variantOf('new', ann, 'old way')).toBe('old way');
    },
  );

  it('counts a key once, and tells again only under the key that did it', async () => {
    const flags = await worker(open());
    for (let times = 0; times < 6; times += 1) await flags.report('new', ann, 'error', '$same');
    expect(await flags.isOn('new', ann)).toBe(true);
    const [, , told] = await reportAll(flags, ['ok', 'ok', 'error']);
    expect(told).toContain('rolled back');
    expect(await flags.report('new', ann, 'error', '$2')).toBe(told);
    expect(await flags.report('new', ann, 'error', '$0')).toBeUndefined();
    expect(await flags.report('new', ann, 'error', '$99')).toBeUndefined();
  });

  it('acts on all workers within a second', async () => {
    const canaries = open();
    let now = 0;
    const flags = await worker(canaries);
    const late = await worker(canaries, canaryText, { now: () => now });
    expect(await late.isOn('new', ann)).toBe(true);
    await reportAll(flags, ['error', 'error', 'error', 'error']);
    now += 999;
    expect(await late.isOn('new', ann)).toBe(false);
  });

  it('acts within a second on a worker whose clock was set back', async () => {
    const canaries = open();
    const flags = await worker(canaries);
    const late = await worker(canaries);
    expect(await late.isOn('new', ann)).toBe(true);
    const { now } = Date;
    using _ = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    await reportAll(flags, ['error', 'error', 'error', 'error']);
    await eventually(async () => !(await late.isOn('new', ann)));
  });

  it('looks at the latest outcomes only, so that a good past hides nothing', async () => {
    const flags = await worker(open());
    expect(await reportAll(flags, Array(150).fill('ok'))).toEqual(Array(150).fill(undefined));
    const told = await reportAll(flags, Array(30).fill('error'), 150);
    expect(told.findIndex((sentence) => sentence !== undefined)).toBe(25);
  });

  it('stays rolled back until the definition changes, whatever else is edited', async () => {
    const canaries = open();
    await reportAll(await worker(canaries), ['error', 'error', 'error', 'error']);
    expect(await (await worker(canaries)).isOn('new', ann)).toBe(false);
    const spaced = JSON.stringify(JSON.parse(canaryText), undefined, 2);
    expect(await (await worker(canaries, spaced)).isOn('new', ann)).toBe(false);
    const mended = flagsText({ metadata: { canary: { ...canary, minSamples: 5 } } });
    const flags = await worker(canaries, mended);
    expect(await flags.isOn('new', ann)).toBe(true);
    expect(await reportAll(flags, ['error'], 50)).toEqual([undefined]);
  });

  it('counts nothing for those who do not have it, nor without a canary', async () => {
    const canaries = open();
    const targeting = { if: [{ '==': [{ var: 'user' }, '@bob:acme.example'] }, 'on', 'off'] };
    const flags = await worker(canaries, flagsText({ targeting, metadata: { canary } }));
    expect(await reportAll(flags, Array(10).fill('error'))).toEqual(Array(10).fill(undefined));
    expect(await flags.isOn('new', { ...ann, user: '@bob:acme.example' })).toBe(true);
    const bare = await worker(canaries, flagsText({}));
    expect(await reportAll(bare, Array(10).fill('error'))).toEqual(Array(10).fill(undefined));
    expect(await bare.isOn('new', ann)).toBe(true);
  });
}
