import type { Sample } from '../../../api/resources.ts';

/** What happened in one stretch of time; rates are for a minute, whatever the length of the stretch. */
export interface Bin {
  /** When it begins, in ms by the epoch. */
  readonly at: number;
  /** The worst of the stretch. */
  readonly lag: number;
  readonly pending: number;
  readonly oldestSeconds: number;
  readonly deadLetters: number;
  readonly openApprovals: number;
  readonly messagesPerMinute: number;
  readonly repliesPerMinute: number;
  /** How many there were. */
  readonly failures: number;
  readonly approved: number;
  readonly edited: number;
  readonly rejected: number;
  /** The median of the samples' medians, and their worst p95; null where nothing was answered. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/**
 * Puts samples into stretches of `binMs`, oldest first, so that an hour of them can be drawn on a phone. A stretch
 * without samples (the gateway was away) is left out: what nobody saw is drawn as a gap, never as zero.
 */
export function binSamples(samples: readonly Sample[], binMs: number): Bin[] {
  const groups = new Map<number, Sample[]>();
  for (const sample of samples) {
    const at = Math.floor(Date.parse(sample.at) / binMs) * binMs;
    if (!Number.isFinite(at)) continue;
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [sample]);
    else group.push(sample);
  }
  const everyMs = intervalOf(samples);
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([at, group]) => toBin(at, group, Math.min(binMs, group.length * everyMs)));
}

function toBin(at: number, group: readonly Sample[], seenMs: number): Bin {
  const worst = (of: (sample: Sample) => number): number => Math.max(...group.map(of));
  const sum = (of: (sample: Sample) => number): number => group.reduce((all, one) => all + of(one), 0);
  const perMinute = 60_000 / Math.max(seenMs, 1);
  return {
    at,
    lag: worst(({ lag }) => lag),
    pending: worst(({ pending }) => pending),
    oldestSeconds: worst(({ oldestSeconds }) => oldestSeconds),
    deadLetters: worst(({ deadLetters }) => deadLetters),
    openApprovals: worst(({ openApprovals }) => openApprovals),
    messagesPerMinute: sum(({ messages }) => messages) * perMinute,
    repliesPerMinute: sum(({ replies }) => replies) * perMinute,
    failures: sum(({ failures }) => failures),
    approved: sum(({ approved }) => approved),
    edited: sum(({ edited }) => edited),
    rejected: sum(({ rejected }) => rejected),
    p50Ms: median(group.flatMap(({ p50Ms }) => (p50Ms === null ? [] : [p50Ms]))),
    p95Ms: group.reduce<number | null>(
      (most, { p95Ms }) => (p95Ms === null ? most : Math.max(most ?? 0, p95Ms)),
      null,
    ),
  };
}

/** How far samples are apart, by the median: gaps do not count. */
function intervalOf(samples: readonly Sample[]): number {
  const times = samples.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  return median(times.slice(1).map((at, index) => at - (times[index] ?? at))) ?? 5_000;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
