import { createProcedure } from '#agents/sops/create-procedure';
import type { SopIndex } from '#agents/sops/create-sop-index';
import { knowTools } from '#agents/sops/know-tools';
import type { ToolSource } from '#agents/sops/tool-source';
import type { Verifier } from '#agents/sops/verifier';
import type { Json } from '#contract/canonical-json';
import type { Validator } from '#dialogue/flows/validator';
import type { Found, KnowledgeIndex } from '#models/create-knowledge-index';
import type { AgentSpec, Sop } from '#playbook/agent-spec';
import type { Playbook } from '#playbook/playbook';
import type { AgentRun, AgentTask } from './agent.ts';
import type { CaseFile } from './case-file.ts';
import { findEntities } from './find-entities.ts';
import type { FocusRequest } from './focus-request.ts';
import { requestKind } from './request-kind.ts';

export interface CaseDeps {
  readonly playbook: Pick<Playbook, 'agents' | 'flows' | 'toolPolicies'>;
  readonly index: KnowledgeIndex;
  readonly sops: SopIndex;
  readonly tools: ToolSource;
  readonly verifiers: ReadonlyMap<string, Verifier>;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly focus: FocusRequest;
}

const mostPassages = 4;
/** In characters: what a tool is told of the person's own words. */
const longestReason = 400;
/** Shares of a request's words that a passage has to know to answer it; less where its heading is met. */
const leastCoverage = 0.5;
const leastCoverageOfHeading = 0.3;
const leastCoverageOfNear = 0.1;

/** Finds what a task goes by: the agent's part of the message, its procedure, knowledge, and what is named. */
export function openCase(spec: AgentSpec, task: AgentTask, run: AgentRun, deps: CaseDeps): CaseFile {
  const focus = deps.focus(task.request, task.agent, task.analysis.topics);
  const kind = requestKind(focus);
  const sop = procedureOf(task, kind, spec, focus, deps);
  const found = searchKnowledge(focus, sop, deps);
  const passages = found.filter(isAnswer).map(({ passage }) => passage);
  const near = found.filter(({ coverage }) => coverage >= leastCoverageOfNear);
  const tools = knowTools(spec.tools, deps.tools, deps.playbook.toolPolicies);
  const reason = focus.slice(0, longestReason).toWellFormed();
  const procedure = createProcedure({
    sop,
    tools,
    verifiers: deps.verifiers,
    callTool: run.callTool,
    request: reason,
    entities: entitiesOf(task, run, reason, deps),
    requester: task.requester,
  });
  return {
    spec,
    task,
    run,
    focus,
    kind,
    sop,
    passages,
    near: near.map(({ passage }) => passage.source),
    tools,
    procedure,
  };
}

/** A question needs no procedure. What a reviewer wrote for this very task counts before all that is in the playbook. */
function procedureOf(
  { procedure }: AgentTask,
  kind: CaseFile['kind'],
  spec: AgentSpec,
  focus: string,
  { sops }: CaseDeps,
): Sop | undefined {
  if (procedure !== null) {
    return { id: 'written', title: '', topics: [spec.id], keywords: [], steps: [], text: procedure };
  }
  return kind === 'question' ? undefined : sops.find(focus, spec);
}

/** By the request; where that finds nothing, by what its procedure is about. */
function searchKnowledge(focus: string, sop: Sop | undefined, { index }: CaseDeps): readonly Found[] {
  const found = index.search(focus, mostPassages);
  if (sop === undefined || sop.title === '' || found.some(isAnswer)) return found;
  const ofSop = index.search(sop.title, mostPassages);
  return ofSop.some(isAnswer) ? ofSop : found;
}

function isAnswer({ coverage, isInHeading }: Found): boolean {
  return coverage >= (isInHeading ? leastCoverageOfHeading : leastCoverage);
}

/**
 * Values by the validator that reads them, and by the names of slots of that type, so that a tool's `new_limit` finds
 * the sum of money. The message counts before what was said earlier. Free text is the person's own words.
 */
function entitiesOf(
  { request, analysis }: AgentTask,
  { history }: AgentRun,
  reason: string,
  { playbook, validators }: CaseDeps,
): Readonly<Record<string, readonly Json[]>> {
  const earlier = history.filter(({ role }) => role === 'user').toReversed();
  const texts = [
    reason,
    request,
    analysis.sensitivity.entities.join('\n'),
    ...earlier.map(({ text }) => text),
  ];
  const byType = { ...findEntities(texts, validators), text: [reason] };
  const slots = [...playbook.flows.values()].flatMap(({ slots: ofFlow }) => [...ofFlow.values()]);
  const byName = slots.flatMap(({ name, type }) => {
    const values: readonly Json[] | undefined = new Map(Object.entries(byType)).get(type);
    return values === undefined ? [] : [[name, values] as const];
  });
  return { ...Object.fromEntries(byName), ...byType };
}
