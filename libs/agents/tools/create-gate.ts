import { runAction } from '#agents/actions/run-action';
import type { ToolOutcome } from '#agents/specialists/agent';
import type { Action } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';
import type { Switches } from '#operations/switches/switch';
import type { ToolPolicy } from '#playbook/policies';
import type { Breakers } from './create-breakers.ts';
import { riskOf } from './risk-of.ts';
import type { Tool } from './tool.ts';
import type { CheckedAction, ToolRegistry } from './tool-registry.ts';

export interface GateOptions {
  readonly tools: Pick<ToolRegistry, 'get' | 'check'>;
  /** What the playbook says of a tool; undefined where it says nothing, and the tool's own risk counts. */
  readonly policyOf: (tool: string) => Pick<ToolPolicy, 'risk'> | undefined;
  /** Tools that a room may use; a room that is not in it may use all. */
  readonly roomTools: ReadonlyMap<string, ReadonlySet<string>>;
  readonly breakers?: Breakers;
  /** What operators have switched off is refused; left out, nothing is. */
  readonly switches?: Pick<Switches, 'off'> | undefined;
}

export interface GateCall {
  readonly name: string;
  readonly args: unknown;
  /** The caller's own list; undefined where the playbook's author has named the tool. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly room: string;
  /** The same when the turn runs again. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Proposes it even if its risk is low. */
  readonly mustAsk?: boolean;
}

export interface Gate {
  /**
   * Runs a tool of low risk, and turns everything else into a proposal: no argument, and no caller, makes a tool of
   * medium or high risk run here. What became of it is always a value.
   *
   * @throws only the reason of `signal`, once it is aborted: the turn has lost its lease and must record nothing.
   */
  call(call: GateCall): Promise<ToolOutcome>;
}

/** Bytes of canonical JSON: an action waits in a checkpoint and is shown to reviewers. */
const largestArgs = 32_768;

/** The only way to a tool from within a turn. Reviewers' approved actions run by `runActions`, by their digest. */
export function createGate(options: GateOptions): Gate {
  return {
    call: async (call) => {
      call.signal.throwIfAborted();
      return decide(call, options);
    },
  };
}

async function decide(call: GateCall, options: GateOptions): Promise<ToolOutcome> {
  const admitted = admit(call, options);
  if (!admitted.ok) return { status: 'refused', text: `${admitted.why} Nothing was run.` };
  const { tool, action } = admitted;
  const risk = riskOf(tool.risk, options.policyOf(tool.name)?.risk ?? tool.risk);
  if (risk !== 'low' || call.mustAsk === true) return { status: 'proposed', action };
  const { idempotencyKey, signal } = call;
  const result = await runAction({
    tool,
    args: action.args,
    idempotencyKey,
    signal,
    breakers: options.breakers,
  });
  return result.status === 'done'
    ? { status: 'done', text: result.text, data: result.data ?? null }
    : { status: 'failed', text: result.text };
}

type Admitted =
  | { readonly ok: true; readonly tool: Tool; readonly action: Action }
  | { readonly ok: false; readonly why: string };

function admit(call: GateCall, options: GateOptions): Admitted {
  const { tools, roomTools, switches } = options;
  const { name, args, allowed, room } = call;
  const refuse = (why: string): Admitted => ({ ok: false, why });
  if (tools.get(name) === undefined) return refuse(`There is no tool ${shown(name)}.`);
  if (allowed !== undefined && !allowed.has(name))
    return refuse(`${shown(name)} is not on the list of this agent.`);
  if (roomTools.get(room)?.has(name) === false) return refuse(`${shown(name)} is not allowed in this room.`);
  // The reasons are the operators' own: whoever asks, and the model, are told that it is off.
  if (switches?.off('tool', name) !== undefined)
    return refuse(`${shown(name)} is switched off at the moment.`);
  if (switches?.off('room', room) !== undefined) return refuse('Tools are switched off in this room.');
  const checked = check(tools, name, args);
  if (!checked.ok) return refuse(explain(name, checked));
  if (Buffer.byteLength(canonicalJson(checked.action.args)) > largestArgs) {
    return refuse(`The arguments of ${shown(name)} are larger than ${largestArgs} bytes.`);
  }
  return checked;
}

/** Arguments nested deeper than the stack make a schema throw. */
function check(tools: GateOptions['tools'], name: string, args: unknown): CheckedAction {
  try {
    return tools.check(name, args);
  } catch {
    const message = 'they cannot be read';
    return { ok: false, reason: 'bad_arguments', problems: [{ argument: '', isMissing: false, message }] };
  }
}

const mostProblems = 5;

function explain(name: string, refused: Extract<CheckedAction, { ok: false }>): string {
  if (refused.reason === 'unknown_tool') return `There is no tool ${shown(name)}.`;
  const problems = refused.problems.slice(0, mostProblems).map(({ argument, isMissing, message }) => {
    const what = argument === '' ? 'the arguments' : shown(argument);
    return isMissing ? `${what} is missing` : `${what}: ${message.slice(0, 200)}`;
  });
  return `The arguments of ${shown(name)} do not fit: ${problems.join('; ')}.`;
}

/** A name that somebody else chose: what is no plain name is not repeated. */
function shown(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? `\`${name}\`` : 'of that name';
}
