import type { Evaluation, Failure } from '#dialogue/understanding/evaluate';
import { formatTable } from '../cli/format-table.ts';
import type { Paint } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';

const mostFailures = 100;
const longestText = 100;

/** An evaluation for people: accuracy, a table of commands, what was taken for what, and what went wrong. */
export function formatEvaluation(
  evaluation: Evaluation,
  {
    provider,
    of,
    learnt,
    paint,
  }: {
    readonly provider: string;
    readonly of: string;
    /** How many of the messages it has learnt from. */
    readonly learnt: number;
    readonly paint: Paint;
  },
): string {
  const { total, correct, accuracy, failures } = evaluation;
  const share = paint(accuracy >= 0.85 ? 'green' : 'red', percent(accuracy));
  const parts = [
    `${paint('bold', `${correct} of ${total}`)} messages are understood as labelled: ${share} (${provider}, ${printable(of)})`,
    ...(learnt === 0
      ? []
      : [`${learnt} of them are examples in the same words: to understand these says little`]),
    scores(evaluation, paint),
    confusion(evaluation, paint),
    ...(failures.length === 0 ? [] : [listFailures(failures, paint)]),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function scores({ byCommand }: Evaluation, paint: Paint): string {
  const rows = Object.entries(byCommand).map(([kind, { support, precision, recall, f1 }]) => [
    kind,
    support,
    percent(precision),
    percent(recall),
    f1.toFixed(2),
  ]);
  return formatTable(['command', 'expected', 'precision', 'recall', 'F1'], rows, paint);
}

/** A row for what was expected, a column for what was understood. */
function confusion({ byCommand }: Evaluation, paint: Paint): string {
  const kinds = Object.keys(byCommand);
  const hasErrors = kinds.some((kind) => byCommand[kind]?.confusion['error'] !== undefined);
  const columns = hasErrors ? [...kinds, 'error'] : kinds;
  const rows = kinds
    .filter((kind) => (byCommand[kind]?.support ?? 0) > 0)
    .map((kind) => [kind, ...columns.map((column) => byCommand[kind]?.confusion[column] ?? '·')].map(String));
  return formatTable(['expected \\ understood', ...columns], rows, paint);
}

function listFailures(failures: readonly Failure[], paint: Paint): string {
  const lines = failures.slice(0, mostFailures).flatMap(({ text, expect, got }) => {
    const shown = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
    const fields = Object.keys(expect);
    const relevant = Object.fromEntries(
      Object.entries(got).filter(([field]) => fields.includes(field) || field === 'error'),
    );
    return [
      paint('bold', printable(shown)),
      `  expected ${paint('green', printable(inWords(expect)))}`,
      `  got      ${paint('red', printable(inWords(relevant)))}`,
    ];
  });
  const rest = failures.length > mostFailures ? [`… and ${failures.length - mostFailures} more`] : [];
  return ['Not understood as labelled:', '', ...lines, ...rest].join('\n');
}

function inWords(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
