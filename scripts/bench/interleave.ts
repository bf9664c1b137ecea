import { median } from './median.ts';

/** Figures of each contestant, one for each round, in the order of rounds. */
export type Rounds<Name extends string, Figure> = Readonly<Record<Name, readonly Figure[]>>;

/**
 * Measures all contestants in each round, one after the other, beginning with another one each time, so that a
 * machine that grows slower or faster does it to all alike. One round before that does not count.
 */
export async function interleave<Name extends string, Figure>(
  rounds: number,
  contestants: Readonly<Record<Name, () => Promise<Figure>>>,
): Promise<Rounds<Name, Figure>> {
  // Object.keys is typed as string[]; these are the keys of the record above.
  const names = Object.keys(contestants) as Name[];
  const figures = new Map<Name, Figure[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(0, round) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const figure = await contestants[name]();
      if (round >= 0) figures.get(name)?.push(figure);
    }
  }
  // Every name has been put into the map above.
  return Object.fromEntries(figures) as Record<Name, Figure[]>;
}

/** The median over rounds of one figure by another of the same round. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
}
