import type { z } from 'zod';
import type { ToolOutcome } from '#agents/specialists/agent';
import { type Action, args as jsonArgs } from '#contract/approval';
import { digestOf, type Json } from '#contract/canonical-json';
import type { Called, Procedure, ProcedureDeps, ProcedureReport } from './procedure.ts';
import { type Progress, scopeOf } from './progress.ts';
import { reportOf } from './report-of.ts';
import { argumentsOf, contradictionsOf } from './step-arguments.ts';
import { createStepRecords, type StepRecord, type StepRecords } from './step-record.ts';
import type { KnownTool } from './tool-source.ts';

type Args = z.infer<typeof jsonArgs>;

/** Begins a procedure; nothing runs yet. */
export function createProcedure(deps: ProcedureDeps): Procedure {
  const records = createStepRecords(deps.sop?.steps ?? []);
  const progress: Progress = { deps, records, actions: [], beside: [], tried: new Set() };
  return {
    advance: (options) => advance(progress, options.risky),
    call: (name, args) => call(progress, name, args),
    report: (): ProcedureReport => reportOf(progress),
  };
}

async function advance(progress: Progress, risky: boolean): Promise<void> {
  const { deps, records, tried } = progress;
  for (;;) {
    settleStepsWithoutTool(progress);
    const scope = scopeOf(progress);
    const next = records.all.find((record) => {
      const tool = toolOf(record, deps);
      if (tool === undefined || tried.has(record) || !records.isDue(record)) return false;
      return (risky || tool.risk === 'low') && argumentsOf(record.step, tool, scope).missing.length === 0;
    });
    const tool = next === undefined ? undefined : toolOf(next, deps);
    if (next === undefined || tool === undefined) return;
    tried.add(next);
    await runStep(progress, next, tool, { ...argumentsOf(next.step, tool, scope).known });
  }
}

function toolOf({ step }: StepRecord, { tools }: ProcedureDeps): KnownTool | undefined {
  return step.tool === undefined ? undefined : tools.get(step.tool);
}

/** A step without a tool passes by what the steps before it found; without a check, it is advice. */
function settleStepsWithoutTool(progress: Progress): void {
  const { records } = progress;
  for (let isSettled = false; !isSettled; ) {
    const due = records.all.filter((record) => record.step.tool === undefined && records.isDue(record));
    const passed = due.filter((record) => {
      const last = record.step.after.at(-1);
      record.data = (last === undefined ? undefined : records.results()[last]) ?? null;
      judge(progress, record, {});
      return record.status === 'passed';
    });
    isSettled = passed.length === 0;
  }
}

/** One call by whoever writes the draft: only ever one that the procedure allows now. */
async function call(progress: Progress, name: string, asked: unknown): Promise<Called> {
  const { deps, records } = progress;
  const tool = deps.tools.get(name);
  if (tool === undefined) {
    const there = [...deps.tools.keys()].join(', ') || 'none';
    return refused(
      `There is no tool ${JSON.stringify(name.slice(0, 60))} here. The tools are: ${there}.`,
      true,
    );
  }
  const read = jsonArgs.safeParse(asked);
  if (!read.success) return refused(`The arguments of ${name} have to be a JSON object.`, true);
  settleStepsWithoutTool(progress);
  const ofTool = records.all.filter(({ step }) => step.tool === name);
  const due = ofTool.find((record) => records.isDue(record));
  if (due !== undefined) return callStep(progress, due, tool, read.data);
  const held = ofTool.find(({ status }) => status !== 'passed' && status !== 'proposed');
  if (ofTool.length > 0 && (tool.risk !== 'low' || held !== undefined))
    return refused(sayHeld(records, held, name));
  if (tool.risk !== 'low') {
    return refused(`No step of a procedure asks for ${name}, and what is risky runs by procedure only.`);
  }
  return callBeside(progress, tool, read.data);
}

function sayHeld(records: StepRecords, held: StepRecord | undefined, name: string): string {
  if (held === undefined) return `${name} was asked for already; it is not asked for twice.`;
  const before = records.before(held).map(({ step }) => step.id);
  return `The step ${held.step.id} comes after ${before.join(', ')}, which has not passed. Nothing was run.`;
}

async function callStep(
  progress: Progress,
  record: StepRecord,
  tool: KnownTool,
  asked: Args,
): Promise<Called> {
  const scope = scopeOf(progress);
  const settled = argumentsOf(record.step, tool, scope);
  const wrong = contradictionsOf(asked, record.step, settled, scope);
  if (wrong.length > 0) return refused(`${tool.name}: ${wrong.join('; ')}. Nothing was run.`, true);
  // What the SOP settles is filled in; what merely could be guessed is left to whoever asks.
  const bound = Object.entries(settled.known).filter(([name]) => settled.bound.has(name));
  const outcome = await runStep(progress, record, tool, { ...asked, ...Object.fromEntries(bound) });
  const text = outcome.status === 'done' && record.status === 'failed' ? `Check failed: ${record.text}` : '';
  return calledOf(outcome, text);
}

/** Runs a step's tool through the gate and lets the verifier judge what came of it. */
async function runStep(
  progress: Progress,
  record: StepRecord,
  tool: KnownTool,
  args: Args,
): Promise<ToolOutcome> {
  const key = `${record.step.id}:${keyOf(args)}`;
  const outcome = await progress.deps.callTool(tool.name, args, key);
  switch (outcome.status) {
    case 'done':
      record.data = outcome.data;
      record.text = outcome.text;
      judge(progress, record, args);
      break;
    case 'proposed':
      record.status = 'proposed';
      record.text = 'waits for a reviewer';
      keepAction(progress, outcome.action);
      break;
    default:
      record.status = outcome.status;
      record.text = outcome.text;
  }
  return outcome;
}

/** A verifier that nobody registered lets nothing pass. */
function judge({ deps, records }: Progress, record: StepRecord, args: Args): void {
  const { verify } = record.step;
  if (verify === undefined) {
    record.status = 'passed';
    return;
  }
  const { entities, requester, verifiers } = deps;
  const verdict = verifiers
    .get(verify)
    ?.verify({ data: record.data, args, results: records.results(), entities, requester });
  record.status = verdict?.hasPassed === true ? 'passed' : 'failed';
  if (verdict === undefined)
    record.text = `The check ${verify} does not exist, so nobody can say that it has passed.`;
  else if (!verdict.hasPassed) record.text = verdict.why;
  else if (verdict.note !== undefined) record.text = [record.text, verdict.note].filter(Boolean).join(' ');
}

async function callBeside(progress: Progress, tool: KnownTool, args: Args): Promise<Called> {
  const outcome = await progress.deps.callTool(tool.name, args, `${tool.name}:${keyOf(args)}`);
  if (outcome.status === 'proposed') keepAction(progress, outcome.action);
  progress.beside.push({ tool: tool.name, outcome });
  return calledOf(outcome, '');
}

function keepAction({ actions }: Progress, action: Action): void {
  if (!actions.some(({ digest }) => digest === action.digest)) actions.push(action);
}

function calledOf(outcome: ToolOutcome, problem: string): Called {
  switch (outcome.status) {
    case 'done': {
      const text = problem === '' ? outcome.text : `${outcome.text}\n${problem}`;
      return { status: 'done', text, data: outcome.data, isMistake: false };
    }
    case 'proposed':
      return { status: 'proposed', text: 'A reviewer is asked; it has not been done yet.', isMistake: false };
    case 'refused':
      return refused(outcome.text, true);
    case 'failed':
      return { status: 'failed', text: outcome.text, isMistake: false };
    default:
      return outcome satisfies never;
  }
}

function refused(text: string, isMistake = false): Called {
  return { status: 'refused', text, isMistake };
}

function keyOf(args: Readonly<Record<string, Json>>): string {
  return digestOf(args).slice(0, 12);
}
