import type { Turn } from './tell-turns.ts';

export interface PlacedStep {
  readonly step: Turn['steps'][number];
  /** Where its bar begins and how long it is, in percent of the whole turn; never so short that it cannot be seen. */
  readonly left: number;
  readonly width: number;
}

const shortest = 1;

/** Lays the steps of a turn out as a waterfall, in the order in which they began. */
export function placeSteps({ steps, tookMs }: Pick<Turn, 'steps' | 'tookMs'>): PlacedStep[] {
  const whole = Math.max(tookMs, ...steps.map(({ startMs, tookMs: own }) => startMs + own), 1);
  return [...steps]
    .sort((a, b) => a.startMs - b.startMs)
    .map((step) => {
      const left = Math.min((step.startMs / whole) * 100, 100 - shortest);
      const width = Math.min(Math.max((step.tookMs / whole) * 100, shortest), 100 - left);
      return { step, left, width };
    });
}
