import { costUnits, priceOf } from '#agents/budgets/price-of';
import type { TurnRecord, TurnStep } from '#contract/turn-record';
import type { Command } from '#dialogue/command';
import type { Understanding } from '#dialogue/understanding/understanding';
import type { TokenUsage } from '#models/chat-model';
import type { OpenTurn } from './open-turn.ts';

/** How a turn goes, while it is worked on. Names only: nothing that anybody wrote, no arguments, no results. */
export interface OpenAccount {
  /** By the process' monotonic clock, and by the host's, in milliseconds. */
  readonly began: number;
  readonly beganAtMs: number;
  /** The version of the graph that it runs on. */
  graph: number;
  understood: TurnRecord['understood'];
  readonly route: string[];
  readonly steps: TurnStep[];
}

/** How a turn went. Plain data, and no part of what the turn does. */
export interface TurnAccount
  extends Pick<TurnRecord, 'understood' | 'route' | 'steps' | 'usage' | 'cost' | 'playbook' | 'graph'> {
  /** When the conversation began to work on it, by the host's clock, in milliseconds: steps count from here. */
  readonly beganAtMs: number;
}

type Turn = Pick<OpenTurn, 'account'>;
type About = Pick<TurnStep, 'kind' | 'name'>;

/** More than any sensible turn has; an agent that goes in circles must not fill the store. */
const mostSteps = 60;
const longestLine = 160;

export function openAccount(): OpenAccount {
  return {
    began: performance.now(),
    beganAtMs: Date.now(),
    graph: 1,
    understood: null,
    route: [],
    steps: [],
  };
}

/** Notes something that took no time worth telling. */
export function note(turn: Turn, about: About, status: string, detail?: string): void {
  const now = performance.now();
  add(turn, about, status, { from: now, to: now }, detail);
}

/** Does a piece of work and notes how long it took, and how it ended in a word. */
export async function timed<T>(
  turn: Turn,
  about: About,
  work: () => Promise<T>,
  statusOf: (result: T) => string,
): Promise<T> {
  const from = performance.now();
  try {
    const result = await work();
    add(turn, about, statusOf(result), { from, to: performance.now() });
    return result;
  } catch (error) {
    add(turn, about, 'failed', { from, to: performance.now() });
    throw error;
  }
}

/** Counts what models cost within one piece of work: each call lasts from the end of what was before it. */
export function modelMeter(turn: Pick<OpenTurn, 'account' | 'usage'>): {
  readonly onUsage: (usage: TokenUsage) => void;
  /** Something else has just ended. */
  readonly goOn: () => void;
} {
  let from = performance.now();
  return {
    onUsage: (usage) => {
      const to = performance.now();
      turn.usage.push(usage);
      add(turn, { kind: 'model', name: usage.model }, 'done', { from, to });
      from = to;
    },
    goOn: () => {
      from = performance.now();
    },
  };
}

/** Notes what a message was taken for. */
export function noteUnderstood(turn: Turn, { commands, analysis, confidence, by }: Understanding): void {
  const { topics, urgency, tone, sensitivity } = analysis;
  turn.account.understood = {
    by: by ?? 'examples',
    commands: commands.map((command) => lineOf(command).slice(0, longestLine)),
    topics: [...topics],
    urgency,
    tone,
    risk: sensitivity.riskCategory,
    confidence,
  };
}

export function closeAccount({ account, usage, desk }: OpenTurn): TurnAccount {
  const { prices } = desk.playbook.policies.budgets;
  const costOf = (one: TokenUsage): number => priceOf({ usage: [one], steps: 0 }, prices).cost / costUnits;
  const priced = usage.map((one) => ({ ...one, cost: costOf(one) }));
  return {
    beganAtMs: account.beganAtMs,
    playbook: desk.playbook.version,
    graph: account.graph,
    understood: account.understood,
    route: [...new Set(account.route)],
    steps: account.steps,
    usage: priced,
    cost: priced.reduce((sum, { cost }) => sum + cost, 0),
  };
}

function add(
  { account }: Turn,
  about: About,
  status: string,
  { from, to }: { from: number; to: number },
  detail?: string,
): void {
  if (account.steps.length >= mostSteps) return;
  account.steps.push({
    ...about,
    status,
    startMs: tenth(Math.max(0, from - account.began)),
    tookMs: tenth(to - from),
    ...(detail === undefined ? {} : { detail }),
  });
}

/** What is told is rounded to a tenth of a millisecond: more figures mean nothing, and cost room. */
function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Names of flows, slots and agents, which are the playbook's; never a value. */
function lineOf(command: Command): string {
  switch (command.kind) {
    case 'start_flow': {
      const slots = Object.keys(command.slots);
      return `start_flow ${command.flow}${slots.length === 0 ? '' : ` (${slots.join(', ')})`}`;
    }
    case 'set_slot':
      return `set_slot ${command.slot}`;
    case 'correct_slot':
      return `correct_slot ${command.slot}${command.value === null ? ' (wrong, but not what is right)' : ''}`;
    case 'resume':
      return command.flow === null ? 'resume' : `resume ${command.flow}`;
    case 'digress':
      return `digress ${command.digression}${command.topics.length === 0 ? '' : ` (${command.topics.join(', ')})`}`;
    case 'clarify':
      return command.options.length === 0 ? 'clarify' : `clarify (${command.options.join(', ')})`;
    case 'chat':
      return `chat ${command.tone}`;
    case 'cancel':
    case 'hand_off':
      return command.kind;
    default:
      return command satisfies never;
  }
}
