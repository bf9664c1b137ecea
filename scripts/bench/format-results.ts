import { formatTable } from '../cli/format-table.ts';
import type { Result } from './row.ts';

export type Verdict = 'stretch reached' | 'goal reached' | 'goal missed' | 'for information';

/** Whether a figure is as good as was set out for. */
export function verdictOf({ value, goal }: Pick<Result, 'value' | 'goal'>): Verdict {
  if (goal === undefined) return 'for information';
  const reaches = (wanted: number) => (goal.wants === 'above' ? value >= wanted : value <= wanted);
  if (goal.stretch !== undefined && reaches(goal.stretch)) return 'stretch reached';
  return reaches(goal.goal) ? 'goal reached' : 'goal missed';
}

export function formatResults(results: readonly Result[]): string {
  const heading = ['row', 'ours', 'compared with', 'result', 'goal', 'stretch', 'verdict'];
  const lines = results.map((result) => {
    const { what, ours, comparedWith, value, unit = '', goal } = result;
    const bound = (wanted: number | undefined) =>
      wanted === undefined ? '' : `${goal?.wants === 'above' ? '≥' : '≤'} ${wanted}${unit}`;
    const limits = [bound(goal?.goal), bound(goal?.stretch)];
    return [what, ours, comparedWith, `${toFigure(value)}${unit}`, ...limits, verdictOf(result)];
  });
  return formatTable(heading, lines, (_, text) => text);
}

function toFigure(value: number): string {
  if (Number.isNaN(value)) return 'not measured';
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
