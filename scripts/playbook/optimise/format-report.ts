import { formatTable } from '../../cli/format-table.ts';
import type { Paint } from '../../cli/paint.ts';
import { printable } from '../../cli/printable.ts';
import { type Comparison, mostLikelyByChance, shareInterval } from './compare-outcomes.ts';
import type { Report } from './report.ts';

const mostConflicts = 20;
const longestText = 80;

/** A report for people: what there was, what was found, how it is measured, what would be written, and what it cost. */
export function formatReport(report: Report, paint: Paint): string {
  const parts = [
    head(report, paint),
    ...(report.conflicts.length === 0 ? [] : [conflicts(report)]),
    search(report, paint),
    heldOut(report, paint),
    ...(report.diffs.length === 0 ? [] : [report.diffs.map((diff) => paintDiff(diff, paint)).join('')]),
    costs(report),
    verdict(report, paint),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

function head({ name, by, seed, cases, parts, rare }: Report, paint: Paint): string {
  const { messages, turns, dialogues, groups, known } = cases;
  return [
    `${paint('bold', printable(name))}, ${printable(by)}, seed ${seed}`,
    `${messages + turns} labelled cases (${messages} messages, ${turns} turns of ${dialogues} dialogues), ${groups} that differ: training ${parts.training}, validation ${parts.validation}, held-out ${parts.heldOut}`,
    ...(known === 0 ? [] : [`${known} more are in no part: their words are an example already`]),
    ...(rare.length === 0 ? [] : [`Too rare to be in every part: ${printable(rare.join(', '))}`]),
  ].join('\n');
}

function conflicts({ conflicts: found }: Report): string {
  const lines = found.slice(0, mostConflicts).map(({ text, under }) => {
    const places = under.map(({ label, origin }) => `${label} (${origin})`).join(', ');
    return `  ${printable(shortened(text))}: ${printable(places)}`;
  });
  const rest = found.length > mostConflicts ? [`  and ${found.length - mostConflicts} more`] : [];
  return ['The same words under several labels, which nothing can learn:', ...lines, ...rest].join('\n');
}

function search({ notes, validation, isAccepted }: Report, paint: Paint): string {
  const { before, after, total, gained, lost, p } = validation;
  const found = `validation: ${before} of ${total} before, ${after} after (${gained} gained, ${lost} lost, McNemar p = ${chance(p)})`;
  const judged = isAccepted
    ? paint('green', 'more than noise')
    : gained === 0 && lost === 0
      ? 'nothing better was found'
      : `not more than noise: p has to be ${mostLikelyByChance} at most`;
  return [...notes.map(printable), `${found}: ${judged}`].join('\n');
}

function heldOut({ heldOut: measured, labels, isAccepted }: Report, paint: Paint): string {
  if (!isAccepted) return `held-out, as it stands: ${share(measured.before, measured.total)}`;
  const rows = labels.map(({ label, total, before, after }) => [
    printable(label),
    total,
    percent(before / total),
    percent(after / total),
    after > before ? `+${after - before}` : after < before ? `${after - before}` : '·',
  ]);
  const table = formatTable(['held-out', 'cases', 'before', 'after', ''], rows, paint);
  return [
    table.trimEnd(),
    '',
    `before ${share(measured.before, measured.total)}`,
    `after  ${share(measured.after, measured.total)}`,
    difference(measured),
  ].join('\n');
}

function difference({ before, after, total, gained, lost, p, interval: [low, high] }: Comparison): string {
  const points = (value: number): string => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
  return `difference ${points((after - before) / total)} points, 95 % interval ${points(low)} to ${points(high)} (${gained} gained, ${lost} lost, McNemar p = ${chance(p)})`;
}

function share(right: number, total: number): string {
  const [low, high] = shareInterval(right, total);
  return `${right} of ${total}: ${percent(right / total)}, 95 % interval ${percent(low)} to ${percent(high)}`;
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function chance(p: number): string {
  return p < 0.001 ? p.toExponential(0) : p.toFixed(3);
}

function costs({ cost: { calls, trials, inputTokens, outputTokens, seconds } }: Report): string {
  const work =
    calls > 0
      ? `${calls} calls, ${inputTokens} tokens in, ${outputTokens} out`
      : `learnt ${trials} times, no call of a model`;
  return `cost: ${work}, ${seconds.toFixed(0)} s`;
}

function verdict({ outcome, files }: Report, paint: Paint): string {
  const named = files.join(', ');
  switch (outcome) {
    case 'nothing':
      return 'Nothing is proposed and nothing is written.';
    case 'proposed':
      return `Nothing is written. With --write: ${named}`;
    case 'worse':
      return paint(
        'red',
        `Held-out is understood worse than before, so nothing is written. --write --force writes it all the same: ${named}`,
      );
    case 'written':
      return paint('green', `Written: ${named}`);
    default:
      return outcome satisfies never;
  }
}

function paintDiff(diff: string, paint: Paint): string {
  const lines = printable(diff).split('\n');
  return lines
    .map((line) => {
      if (line.startsWith('+')) return paint('green', line);
      if (line.startsWith('-')) return paint('red', line);
      return line.startsWith('@@') ? paint('cyan', line) : line;
    })
    .join('\n');
}

function shortened(text: string): string {
  return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}…` : text);
}
