import type { Breakers } from '#agents/tools/create-breakers';
import type { Tool } from '#agents/tools/tool';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import { type Action, actionOf } from '#contract/approval';
import { describeSwitch } from '#operations/switches/describe-switch';
import type { Switches } from '#operations/switches/switch';
import type { ActionDecision } from './action-decision.ts';
import type { ActionResult } from './action-result.ts';
import type { Permit } from './permit.ts';
import { lostBefore, runAction } from './run-action.ts';

interface Context {
  readonly approval: string;
  /** The actions that the reviewers were asked about, from the checkpoint. */
  readonly asked: readonly Action[];
  readonly decision: ActionDecision;
  readonly tools: ToolRegistry;
  readonly permit: Permit;
  readonly signal: AbortSignal;
  readonly breakers?: Breakers | undefined;
  readonly switches?: Pick<Switches, 'off'> | undefined;
  readonly room?: string | undefined;
}

/**
 * Runs what the decision allows, in order, one result for each action. All of them are checked before the first
 * one runs; after one that did not succeed the others are skipped.
 */
export async function runActions(context: Context): Promise<ActionResult[]> {
  const { asked, decision, permit } = context;
  if (decision.decision !== 'approve' && decision.decision !== 'edit') return [];
  const { actions } = decision;
  const checked = actions.map((action, index) => checkAllowed(action, index, context));
  const areAllowed = checked.length === asked.length && checked.every(({ ok }) => ok);
  const results: ActionResult[] = [];
  for (const [index, check] of checked.entries()) {
    const hasFailed = results.some(({ status }) => status !== 'done');
    if (areAllowed && check.ok && !hasFailed) results.push(await runPermitted(check, index, context));
    else results.push(await instead(actions[index], index, permit, areAllowed ? skipped : refusedBy(check)));
  }
  return results;
}

const skipped: ActionResult = { status: 'skipped', text: 'An action before it did not succeed.' };

function refusedBy(check: Check): ActionResult {
  const text = check.ok ? 'Refused together with another action of the same approval.' : check.why;
  return { status: 'refused', text };
}

type Check =
  | { readonly ok: true; readonly tool: Tool; readonly action: Action }
  | { readonly ok: false; readonly why: string };

function checkAllowed(action: Action, index: number, { asked, decision, tools }: Context): Check {
  const refuse = (why: string): Check => ({ ok: false, why: `Refused: ${why}. Nothing was run.` });
  const question = asked[index];
  if (question === undefined) return refuse('the decision speaks of more actions than were asked for');
  if (actionOf(action.name, action.args).digest !== action.digest) {
    return refuse('the digest does not belong to the action');
  }
  if (decision.decision === 'approve' && action.digest !== question.digest) {
    return refuse('the action is not the one that was asked for');
  }
  if (action.name !== question.name)
    return refuse(`an edit cannot turn ${question.name} into ${action.name}`);
  const known = tools.check(action.name, action.args);
  if (!known.ok) {
    return refuse(
      known.reason === 'unknown_tool'
        ? `there is no tool ${action.name}`
        : known.problems.map(({ argument, message }) => `${argument}: ${message}`).join('; '),
    );
  }
  if (known.action.digest !== action.digest) return refuse('the tool reads the arguments in another way');
  return { ok: true, tool: known.tool, action };
}

/** For an action that does not run now: what came of it where a run before this one has started it all the same. */
async function instead(
  action: Action | undefined,
  index: number,
  permit: Permit,
  result: ActionResult,
): Promise<ActionResult> {
  if (action === undefined || permit.hasStarted?.(index) !== true) return result;
  const start = await permit.start(index);
  return typeof start === 'object' ? start.alreadyDone : lostBefore(action);
}

async function runPermitted(
  { tool, action }: { tool: Tool; action: Action },
  index: number,
  { approval, permit, signal, breakers, switches, room }: Context,
): Promise<ActionResult> {
  signal.throwIfAborted();
  const off =
    switches?.off('tool', tool.name) ?? (room === undefined ? undefined : switches?.off('room', room));
  if (off !== undefined && permit.hasStarted?.(index) !== true) {
    const what = off.scope === 'room' ? 'This room' : `\`${tool.name}\``;
    const text = `${what} is switched off ${describeSwitch(off)}. It was not run: ask again when it is on.`;
    return { status: 'refused', text };
  }
  const start = await permit.start(index);
  if (typeof start === 'object') return start.alreadyDone;
  const mayHaveRun = start === 'unknown';
  if (mayHaveRun && (!tool.isRepeatable || off !== undefined)) return lostBefore(tool);
  const idempotencyKey = `${approval}:${index}`;
  return runAction({ tool, args: action.args, idempotencyKey, signal, breakers, mayHaveRun });
}
