/** A point of a line: when, in ms by the epoch, and how much; null where there is nothing to draw. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

export interface KnownPoint {
  readonly at: number;
  readonly value: number;
}

/** The greatest value of an axis and its marks, from 0, at steps of 1, 2 or 5 times a power of ten. */
export interface Scale {
  readonly top: number;
  readonly marks: readonly number[];
}

/** The axis for values up to `most`: at least 1, with few marks above 0, none of them at a part of one where `isWhole`. */
export function scaleOf(most: number, isWhole = false): Scale {
  const wanted = Math.max(most, 1);
  const rough = wanted / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? rough,
    isWhole ? 1 : 0.5,
  );
  const count = Math.max(Math.ceil(wanted / step - 1e-9), 1);
  return {
    top: count * step,
    marks: Array.from({ length: count + 1 }, (_, index) => index * step),
  };
}

/** Where a chart draws: in the units of its viewBox. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The stretches of a line, broken where a value is null or where more than `gapMs` lie between two points: what nobody saw
 * is not drawn. A stretch may be one point.
 */
export function stretchesOf(
  points: readonly Point[],
  range: readonly [number, number],
  gapMs: number,
): KnownPoint[][] {
  const stretches: KnownPoint[][] = [];
  let current: KnownPoint[] | undefined;
  for (const { at, value } of points) {
    if (value === null) current = undefined;
    if (value === null || at < range[0] || at > range[1]) continue;
    const before = current?.at(-1);
    if (current === undefined || before === undefined || at - before.at > gapMs) {
      current = [];
      stretches.push(current);
    }
    current.push({ at, value });
  }
  return stretches;
}

/** The path of a line through the points. A point alone is drawn as a short stroke, so that it can be seen. */
export function linePath(
  points: readonly Point[],
  range: readonly [number, number],
  top: number,
  frame: Frame,
  gapMs: number,
): string {
  return stretchesOf(points, range, gapMs)
    .map((stretch) => {
      const places = stretch.map(
        ({ at, value }) => `${xOf(at, range, frame).toFixed(1)} ${yOf(value, top, frame).toFixed(1)}`,
      );
      return `M${places.join('L')}${stretch.length === 1 ? 'h0.01' : ''}`;
    })
    .join('');
}

export function xOf(at: number, [from, to]: readonly [number, number], frame: Frame): number {
  return frame.left + ((at - from) / Math.max(to - from, 1)) * frame.width;
}

export function yOf(value: number, top: number, frame: Frame): number {
  return frame.top + (1 - Math.min(value / top, 1)) * frame.height;
}
