import type { AgentRun, ToolOutcome } from '#agents/specialists/agent';
import { timed } from './account.ts';
import type { OpenTurn } from './open-turn.ts';

export interface ToolUse {
  readonly name: string;
  readonly args: unknown;
  /** Tells the calls of a turn apart, the same when it runs again. */
  readonly key: string;
  /** The tools that the caller may use; undefined for flows, whose tools the playbook's author names. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly mustAsk?: boolean;
}

/** The way to a tool from within a turn: through the gate, under the turn's idempotency key, counted. */
export async function useTool(
  turn: OpenTurn,
  { name, args, key, allowed, mustAsk = false }: ToolUse,
): Promise<ToolOutcome> {
  turn.steps += 1;
  const call = () =>
    turn.desk.gate.call({
      name,
      args,
      allowed,
      mustAsk,
      room: turn.spender.room,
      idempotencyKey: `${turn.session}:${turn.id}:${key}`,
      signal: turn.signal,
    });
  return timed(turn, { kind: 'tool', name: knownName(turn, name) }, call, ({ status }) => status);
}

/** A model may ask for whatever it makes up: only names of tools that exist are told. */
function knownName({ desk }: OpenTurn, name: string): string {
  return desk.tools.get(name) === undefined ? 'unknown' : name;
}

/** The same for an agent: what its roster entry lists, and no more. */
export function toolsOf(turn: OpenTurn, agent: string, task: string): AgentRun['callTool'] {
  const allowed = new Set(turn.desk.playbook.agents.get(agent)?.tools ?? []);
  return (name, args, key) => useTool(turn, { name, args, key: `${task}:${key}`, allowed });
}
