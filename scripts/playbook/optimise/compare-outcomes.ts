/** Two measurements of the same cases, one by one. */
export interface Comparison {
  readonly total: number;
  readonly before: number;
  readonly after: number;
  /** Wrong before and right after, and the other way round. */
  readonly gained: number;
  readonly lost: number;
  /** How likely so much is gained by chance: the one-sided exact test of McNemar (1947). */
  readonly p: number;
  /** Of the difference of the shares, 95 %, after Agresti and Min (2005). */
  readonly interval: readonly [low: number, high: number];
}

/** Compares case by case: both lists say of the same cases, in the same order, whether they were understood. */
export function compareOutcomes(before: readonly boolean[], after: readonly boolean[]): Comparison {
  if (before.length !== after.length) throw new Error('The cases of both measurements are not the same');
  const gained = after.filter((isRight, index) => isRight && before[index] === false).length;
  const lost = after.filter((isRight, index) => !isRight && before[index] === true).length;
  return {
    total: before.length,
    before: before.filter(Boolean).length,
    after: after.filter(Boolean).length,
    gained,
    lost,
    p: chanceOf(gained, lost),
    interval: intervalOf(gained, lost, before.length),
  };
}

/** What counts as more than noise: a chance of at most one in twenty. */
export const mostLikelyByChance = 0.05;

/**
 * Why no search can find anything, where all but so few are understood that to gain every one of them would be no more than
 * noise; undefined where it can.
 */
export function explainNoRoom(rights: readonly boolean[]): string | undefined {
  const wrong = rights.filter((isRight) => !isRight).length;
  if (chanceOf(wrong, 0) <= mostLikelyByChance) return undefined;
  return `Only ${wrong} of ${rights.length} validation messages are misunderstood: to gain all of them would be no more than noise, so nothing was searched`;
}

/** Of `gained + lost` throws of a coin, at least `gained` heads. */
export function chanceOf(gained: number, lost: number): number {
  const throws = gained + lost;
  let chance = 0;
  // In logarithms: two to the power of many throws is beyond any number.
  let ways = 0;
  for (let heads = 0; heads <= throws; heads++) {
    if (heads > 0) ways += Math.log(throws - heads + 1) - Math.log(heads);
    if (heads >= gained) chance += Math.exp(ways - throws * Math.LN2);
  }
  return Math.min(1, chance);
}

const z95 = 1.959964;

function intervalOf(gained: number, lost: number, total: number): [number, number] {
  if (total === 0) return [-1, 1];
  // Half a case is added to each of the four cells.
  const cases = total + 2;
  const [up, down] = [(gained + 0.5) / cases, (lost + 0.5) / cases];
  const error = z95 * Math.sqrt(Math.max(0, up + down - (up - down) ** 2) / cases);
  return [Math.max(-1, up - down - error), Math.min(1, up - down + error)];
}

/** Of a share, 95 %, after Wilson (1927). */
export function shareInterval(right: number, total: number): readonly [low: number, high: number] {
  if (total === 0) return [0, 1];
  const share = right / total;
  const weight = z95 ** 2 / total;
  const middle = (share + weight / 2) / (1 + weight);
  const error = (z95 / (1 + weight)) * Math.sqrt((share * (1 - share)) / total + weight / (4 * total));
  return [Math.max(0, middle - error), Math.min(1, middle + error)];
}
