import type { AgentStep } from '#agents/specialists/agent';
import type { ProcedureReport } from './procedure.ts';
import { type Progress, scopeOf } from './progress.ts';
import { argumentsOf } from './step-arguments.ts';
import type { StepRecord } from './step-record.ts';

/** What a procedure has come to, for the draft, for reviewers and for whoever takes over. */
export function reportOf(progress: Progress): ProcedureReport {
  const { records, actions, beside } = progress;
  const ofSteps = records.all.map((record) => stepOf(progress, record));
  const ofBeside = beside.map(
    ({ tool, outcome }): AgentStep => ({
      id: tool,
      tool,
      status: outcome.status === 'done' ? 'passed' : outcome.status,
      text: outcome.status === 'proposed' ? 'waits for a reviewer' : outcome.text,
    }),
  );
  const found = [
    ...records.all.flatMap(({ step, status, text }) =>
      step.tool !== undefined && status === 'passed' ? [text] : [],
    ),
    ...beside.flatMap(({ outcome }) => (outcome.status === 'done' ? [outcome.text] : [])),
  ];
  const stopped = records.all.filter(({ status }) => status === 'failed' || status === 'refused');
  return {
    steps: [...ofSteps, ...ofBeside],
    actions: [...actions],
    findings: [...new Set(found.filter((text) => text.trim() !== ''))],
    obstacles: [...new Set(stopped.map(({ text }) => text).filter((text) => text.trim() !== ''))],
    missing: [...new Set(records.all.flatMap((record) => missingOf(progress, record)))],
  };
}

function missingOf(progress: Progress, record: StepRecord): readonly string[] {
  const { deps, records } = progress;
  const tool = record.step.tool === undefined ? undefined : deps.tools.get(record.step.tool);
  if (tool === undefined || record.status !== 'waiting' || !records.isDue(record)) return [];
  return argumentsOf(record.step, tool, scopeOf(progress)).missing;
}

function stepOf(progress: Progress, record: StepRecord): AgentStep {
  const { step, status, text } = record;
  const tool = step.tool ?? null;
  if (status !== 'waiting') return { id: step.id, tool, status, text: text || step.does };
  return { id: step.id, tool, status: 'skipped', text: whySkipped(progress, record) };
}

function whySkipped(progress: Progress, record: StepRecord): string {
  const { deps, records } = progress;
  const before = records.before(record).map(({ step }) => step.id);
  if (before.length > 0) return `waits for ${before.join(', ')}`;
  const { tool } = record.step;
  if (tool !== undefined && !deps.tools.has(tool)) return `this agent has no tool ${tool}`;
  const missing = missingOf(progress, record);
  return missing.length > 0 ? `needs ${missing.join(', ')}` : 'was not called for';
}
