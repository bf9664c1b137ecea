import { expect, test } from 'vitest';
import type { Sample } from '../../../api/resources.ts';
import { binSamples } from './bin-samples.ts';

const start = Date.parse('2026-11-21T10:00:00Z');

function sampleAt(seconds: number, over: Partial<Sample> = {}): Sample {
  return {
    at: new Date(start + seconds * 1_000).toISOString(),
    lag: 0,
    pending: 0,
    oldestSeconds: 0,
    deadLetters: 0,
    openApprovals: 0,
    messages: 0,
    replies: 0,
    failures: 0,
    approved: 0,
    edited: 0,
    rejected: 0,
    p50Ms: null,
    p95Ms: null,
    ...over,
  };
}

test('a full stretch sums what happened, and keeps the worst of what was', () => {
  const samples = Array.from({ length: 12 }, (_, index) =>
    sampleAt(index * 5, { messages: 2, lag: index, failures: 1 }),
  );

  const [bin, ...more] = binSamples(samples, 60_000);

  expect(more).toEqual([]);
  expect(bin).toMatchObject({ at: start, messagesPerMinute: 24, lag: 11, failures: 12 });
});

test('a stretch that has only begun tells the rate of what was seen', () => {
  const bins = binSamples([sampleAt(0, { messages: 1 }), sampleAt(5, { messages: 1 })], 60_000);

  expect(bins[0]?.messagesPerMinute).toBe(12);
});

test('stretches without samples are left out, also where samples come in disorder', () => {
  const bins = binSamples([sampleAt(300), sampleAt(0), sampleAt(5)], 60_000);

  expect(bins.map(({ at }) => (at - start) / 1_000)).toEqual([0, 300]);
});

test('times to a reply are the median and the worst, null where nothing was answered', () => {
  const answered = [
    sampleAt(0, { p50Ms: 100, p95Ms: 900 }),
    sampleAt(5),
    sampleAt(10, { p50Ms: 300, p95Ms: 400 }),
    sampleAt(15, { p50Ms: 200, p95Ms: 250 }),
  ];

  expect(binSamples(answered, 60_000)[0]).toMatchObject({ p50Ms: 200, p95Ms: 900 });
  expect(binSamples([sampleAt(0)], 60_000)[0]).toMatchObject({ p50Ms: null, p95Ms: null });
});

test('a sample without a legible time is not drawn', () => {
  expect(binSamples([{ ...sampleAt(0), at: 'soon' }], 60_000)).toEqual([]);
});
