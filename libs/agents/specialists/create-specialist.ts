import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { AgentSpec } from '#playbook/agent-spec';
import type { Agent, AgentResult, AgentRun, AgentTask } from './agent.ts';
import type { CaseFile, WriteDraft, Written } from './case-file.ts';
import { type CaseDeps, openCase } from './open-case.ts';
import { summarise } from './summarise.ts';

const SpecialistState = Annotation.Root({
  task: Annotation<AgentTask>(),
  run: Annotation<AgentRun>(),
  file: Annotation<CaseFile>(),
  written: Annotation<Written | null>(),
  result: Annotation<AgentResult>(),
});
type State = typeof SpecialistState.State;

/**
 * An agent out of its description: a graph of three nodes, compiled once. `find` opens the case, `work` follows the
 * procedure and writes, `report` says what it has come to. It has no checkpoints, also inside of a graph that has: a turn
 * that runs again begins it anew, under the same keys.
 */
export function createSpecialist(spec: AgentSpec, write: WriteDraft, deps: CaseDeps): Agent {
  const graph = new StateGraph(SpecialistState)
    .addNode('find', ({ task, run }: State) => ({ file: openCase(spec, task, run, deps) }))
    .addNode('work', async ({ file }: State) => ({
      written: needsProcedure(file) ? null : await write(file),
    }))
    .addNode('report', ({ file, written }: State) => ({ result: resultOf(file, written) }))
    .addEdge(START, 'find')
    .addEdge('find', 'work')
    .addEdge('work', 'report')
    .addEdge('report', END)
    .compile({ name: spec.id, checkpointer: false });
  return {
    id: spec.id,
    description: spec.description,
    work: async (task, run) => {
      run.signal.throwIfAborted();
      const { result } = await graph.invoke({ task, run });
      return result;
    },
  };
}

/** Somebody wants something done, and nothing says how: nobody is to improvise. */
function needsProcedure({ kind, sop, task, passages }: CaseFile): boolean {
  if (sop !== undefined || task.rejected !== null) return false;
  return kind === 'task' || (kind === 'wish' && passages.length === 0);
}

function resultOf(file: CaseFile, written: Written | null): AgentResult {
  const report = file.procedure.report();
  const common = { agent: file.spec.id, steps: report.steps };
  if (written === null) {
    return {
      ...common,
      status: 'needs_procedure',
      summary: summarise(file, report, 'No procedure fits what is wanted.'),
    };
  }
  if (written.kind === 'stuck') {
    return { ...common, status: 'needs_person', summary: summarise(file, report, written.why) };
  }
  return {
    ...common,
    status: 'drafted',
    summary: summarise(file, report, ''),
    draft: written.text,
    actions: report.actions,
    sources: sourcesOf(file),
  };
}

function sourcesOf({ sop, passages: [best] }: CaseFile): readonly string[] {
  const titles =
    sop === undefined ? [] : [sop.title === '' ? 'a procedure written by a reviewer' : sop.title];
  return [...titles, ...(best === undefined ? [] : [best.source])];
}
