/** The known name that was probably meant, by the letters that differ; undefined where none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const written = name.slice(0, longest).toLowerCase();
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of known) {
    if (candidate.length > longest) continue;
    const distance = distanceOf(written, candidate.toLowerCase());
    if (distance > Math.max(1, Math.floor(candidate.length / 3))) continue;
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate;
}

/** "Did you mean …?" where a name is near, else what there is. */
export function hintOf(name: string, known: Iterable<string>, none: string): string {
  const names = [...known].sort();
  const meant = nearestName(name, names);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  if (names.length === 0) return none;
  const shown = names.slice(0, mostShown).join(', ');
  return `There are: ${shown}${names.length > mostShown ? ' and more' : ''}`;
}

const longest = 64;
const mostShown = 12;

/** Insertions, deletions and substitutions between two words (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change));
    }
    last = row;
  }
  return last[b.length] ?? 0;
}
