import { combineDrafts } from '#agents/review/combine-drafts';
import type { AgentResult, AgentRun, AgentTask } from '#agents/specialists/agent';
import { actionOf } from '#contract/approval';
import { describeSwitch } from '#operations/switches/describe-switch';
import { modelMeter, note, timed } from './account.ts';
import { askPerson, builtIn, summaryOf } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import { propose } from './propose.ts';
import { requestActions } from './request-actions.ts';
import { askForReview, type Drafted, showDrafts } from './review-draft.ts';
import { soleSpeaker } from './sole-speaker.ts';
import { toolsOf } from './use-tool.ts';

/**
 * Lets the agents work at their tasks, at once, and makes one reply of what they drafted: sent when nobody has to
 * read it first, else put to the reviewers. What an agent cannot do goes to a person, with a summary.
 */
export async function consultAgents(turn: OpenTurn): Promise<void> {
  const tasks = turn.tasks.splice(0);
  const speaker = soleSpeaker(
    turn,
    tasks.map(({ agent }) => agent),
  );
  const results = await allDone(
    tasks.map((task) => workOn(turn, task, { isAlone: tasks.length === 1, speaker })),
  );
  const drafted = results.filter((result) => result.status === 'drafted');
  const done = tasks.filter((_, index) => results[index]?.status === 'drafted');
  if (drafted.length > 0) {
    turn.speaker = speaker;
    reply(turn, done, drafted);
  }
  for (const [index, result] of results.entries()) {
    const task = tasks[index];
    if (task === undefined) continue;
    if (result.status === 'needs_procedure') askForProcedure(turn, task, result);
    if (result.status === 'needs_person') askPerson(turn, summaryOf(turn, result.summary));
  }
  requestActions(
    turn,
    drafted.flatMap((result) => result.actions),
  );
}

/** As `Promise.all`, but not over before all are: a turn that runs again must not meet what it has left at work. */
async function allDone<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

async function workOn(
  turn: OpenTurn,
  task: AgentTask,
  { isAlone, speaker }: { readonly isAlone: boolean; readonly speaker: string | null },
): Promise<AgentResult> {
  const { desk, spender } = turn;
  turn.account.route.push(task.agent);
  const spec = desk.playbook.agents.get(task.agent);
  const agent = desk.agents.get(task.agent);
  const person = (summary: string): AgentResult => ({
    status: 'needs_person',
    agent: task.agent,
    steps: [],
    summary,
  });
  if (spec === undefined || agent === undefined) return person(`There is no agent for ${task.agent}.`);
  const off = desk.switches.off('agent', task.agent) ?? desk.switches.off('room', spender.room);
  if (off !== undefined) {
    note(turn, { kind: 'switch', name: task.agent }, 'switched_off');
    return person(`The agent ${task.agent} is switched off ${describeSwitch(off)}.`);
  }
  if (spec.flag !== undefined && !(await desk.flags.isOn(spec.flag, spender))) {
    return person(`The agent ${task.agent} is not switched on for them.`);
  }
  const isShownEarly = isAlone && spec.review !== 'always' && !task.analysis.sensitivity.isSensitive;
  try {
    const meter = modelMeter(turn);
    const call = toolsOf(turn, task.agent, task.id);
    const run: AgentRun = {
      history: turn.history,
      files: turn.files,
      memories: turn.situation.memories,
      callTool: (...wanted) => call(...wanted).finally(meter.goOn),
      onDraft: isShownEarly ? showDrafts(turn, speaker) : () => undefined,
      onUsage: meter.onUsage,
      signal: turn.signal,
    };
    const about = { kind: 'agent', name: task.agent } as const;
    const result = await timed(
      turn,
      about,
      () => agent.work(task, run),
      ({ status }) => status,
    );
    await reportFlag(turn, task.agent, 'ok', task.id);
    return result;
  } catch (error) {
    // What is being tried out fails over to a person; everything else is the turn's to try again.
    if (spec.flag === undefined || turn.signal.aborted) throw error;
    await reportFlag(turn, task.agent, 'error', task.id);
    return person(`The agent ${task.agent} failed.`);
  }
}

/** Counts how something behind a flag went; what rolls it back is told to the admin room. */
export async function reportFlag(
  turn: OpenTurn,
  agent: string,
  outcome: 'ok' | 'error' | 'rejected' | 'edited',
  key: string,
): Promise<void> {
  const flag = turn.desk.playbook.agents.get(agent)?.flag;
  if (flag === undefined) return;
  const rolledBack = await turn.desk.flags.report(
    flag,
    turn.spender,
    outcome,
    `${turn.session}:${key}:${outcome}`,
  );
  if (rolledBack !== undefined) turn.notices.push({ name: `flag-${flag}`, text: rolledBack, approval: null });
}

function reply(turn: OpenTurn, tasks: readonly AgentTask[], drafted: readonly Drafted[]): void {
  const checked = turn.desk.checkDraft(combineDrafts(drafted), drafted, turn.analysis);
  const verdict = checked.reasons.length === 0 ? 'passed' : 'needs_review';
  note(turn, { kind: 'review', name: builtIn.sendReply }, verdict);
  if (checked.reasons.length === 0) turn.texts.push(checked.text);
  else askForReview(turn, tasks, drafted, checked);
}

function askForProcedure(turn: OpenTurn, task: AgentTask, { summary }: AgentResult): void {
  propose(turn, {
    actions: [actionOf(builtIn.writeProcedure, { topic: task.agent, request: task.request })],
    purpose: { kind: 'procedure', task },
    reason: 'There is no procedure for this: answer with the steps to take',
    context: [task.request, summary].join('\n\n'),
    decisions: ['reject', 'respond'],
    waits: 'I have no procedure for this yet, so I have asked a colleague how to go about it.',
  });
}
