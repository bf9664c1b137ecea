import type { Environment } from './read-config.ts';

/**
 * Warns about variables that are set, that nobody knows, and that differ from a known name by a slip: a letter
 * more, less, changed or swapped (two in long names), or by case. One sentence for each.
 */
export function suspectTypos(
  env: Environment,
  known: readonly string[],
  otherNames: readonly string[] = [],
): string[] {
  const fine = new Set([...known, ...otherNames].flatMap((name) => [name, `${name}_FILE`]));
  return Object.keys(env)
    .filter((name) => env[name]?.trim() && !fine.has(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => isSlip(name, candidate));
      return meant === undefined ? [] : [`${name} is set but unknown: did you mean ${meant}?`];
    });
}

function isSlip(name: string, candidate: string): boolean {
  const word = name.toUpperCase().replace(/_FILE$/, '');
  const allowed = candidate.length >= 10 ? 2 : 1;
  if (Math.abs(word.length - candidate.length) > allowed) return false;
  return editDistance(word, candidate) <= allowed;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change, swap));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
