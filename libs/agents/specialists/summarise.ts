import { describeActions } from '#agents/actions/describe-action';
import { shortLine } from '#agents/shorten';
import type { ProcedureReport } from '#agents/sops/procedure';
import type { CaseFile } from './case-file.ts';

const longestRequest = 300;
const longestStep = 200;

/** One paragraph for whoever takes over, and for reviewers: what was wanted, what was done, what is open. */
export function summarise(
  { task, focus, sop, spec }: CaseFile,
  report: ProcedureReport,
  open: string,
): string {
  const { urgency, tone } = task.analysis;
  const done = report.steps.map(
    ({ id, status, text }) => `${id}: ${status} (${shortLine(text, longestStep)})`,
  );
  const sentences = [
    `For ${spec.id.replaceAll('_', ' ')}, urgency ${urgency}, tone ${tone}: "${shortLine(focus, longestRequest)}"`,
    sop === undefined
      ? 'No procedure was followed.'
      : `Procedure: ${sop.title === '' ? 'written by a reviewer' : sop.title}.`,
    ...(done.length === 0 ? [] : [`Steps: ${done.join('; ')}.`]),
    ...(report.actions.length === 0 ? [] : [`Proposed: ${describeActions(report.actions)}.`]),
    ...(report.missing.length === 0 ? [] : [`Missing: ${report.missing.join(', ')}.`]),
    ...(open === '' ? [] : [open]),
  ];
  return sentences.join(' ');
}
