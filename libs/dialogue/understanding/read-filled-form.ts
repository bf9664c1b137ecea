import { type Command, digressions } from '#dialogue/command';
import type { FlowSpec } from '#playbook/flow-spec';
import type { Playbook } from '#playbook/playbook';
import { hasKeyPlaceholder } from './placeholders.ts';
import type { FilledAnalysis, FilledCommand, FilledForm } from './understand-form.ts';
import {
  type Analysis,
  type DialogueContext,
  riskCategories,
  tones,
  type Understanding,
  unknownTopic,
  urgencies,
} from './understanding.ts';

const mostCommands = 8;
const mostNames = 8;
const longestValue = 500;
const longestText = 2_000;
/** Below it nothing is done: the person is asked. */
const leastConfidence = 0.4;

export interface Known {
  readonly playbook: Pick<Playbook, 'flows' | 'agents'>;
  readonly context: DialogueContext;
  /** The message. */
  readonly text: string;
}

/**
 * Takes from a filled form what the playbook knows. Names beyond it are dropped; where no command remains, or the model
 * is not sure of an action, the person is asked what they mean.
 */
export function readFilledForm(form: FilledForm, known: Known): Understanding {
  const commands = mergeStarts(
    form.commands.slice(0, mostCommands * 2).flatMap((filled) => readCommand(filled, known)),
  );
  const fitting = commands.filter((command) => isInPlace(command, commands, known)).slice(0, mostCommands);
  const confidence = clamp(form.confidence ?? 0.9);
  // A greeting before it says nothing about what is wanted.
  const wanted = fitting.find(({ kind }) => kind !== 'chat');
  const isAction = wanted !== undefined && acts(wanted, known);
  const isUnsure = fitting.length === 0 || (isAction && confidence < leastConfidence);
  return {
    commands: isUnsure ? [{ kind: 'clarify', options: optionsOf(form.commands, known) }] : fitting,
    analysis: readAnalysis(form.analysis ?? undefined, isUnsure ? [] : fitting, known),
    confidence: isUnsure ? Math.min(confidence, leastConfidence) : confidence,
  };
}

/** Whether a command does more than to tell or to ask something: who confirms lets the flow act. */
function acts(command: Command, { playbook, context: { awaiting } }: Known): boolean {
  if (command.kind !== 'set_slot' && command.kind !== 'correct_slot')
    return ['start_flow', 'cancel', 'hand_off'].includes(command.kind);
  const isAsked = awaiting !== null && awaiting.slot === command.slot;
  return isAsked && playbook.flows.get(awaiting.flow)?.slots.has(awaiting.slot) !== true;
}

function readCommand(filled: FilledCommand, { playbook, text, context }: Known): Command[] {
  switch (filled.command) {
    case 'start_flow': {
      const flow = offered(filled.flow, playbook);
      return flow === undefined ? [] : [{ kind: 'start_flow', flow: flow.id, slots: slotsOf(filled, flow) }];
    }
    case 'set_slot': {
      const value = toValue(filled.value);
      return filled.slot && value !== undefined ? [{ kind: 'set_slot', slot: filled.slot, value }] : [];
    }
    case 'correct_slot':
      return filled.slot
        ? [{ kind: 'correct_slot', slot: filled.slot, value: toValue(filled.value) ?? null }]
        : [];
    case 'cancel':
      return [{ kind: 'cancel' }];
    case 'resume': {
      const isKnown =
        filled.flow != null && (playbook.flows.has(filled.flow) || context.paused.includes(filled.flow));
      return [{ kind: 'resume', flow: isKnown ? (filled.flow ?? null) : null }];
    }
    case 'digress': {
      const digression = digressions.find((word) => word === filled.digression) ?? 'question';
      const asked = filled.text?.trim() || text;
      const topics = digression === 'question' ? topicsOf(filled.topics, playbook) : [];
      return [{ kind: 'digress', digression, text: asked.slice(0, longestText).toWellFormed(), topics }];
    }
    case 'clarify':
      return [{ kind: 'clarify', options: namesIn(filled.options, playbook) }];
    case 'hand_off':
      return [{ kind: 'hand_off' }];
    case 'chat':
      return [
        {
          kind: 'chat',
          tone: filled.tone === 'greeting' || filled.tone === 'thanks' ? filled.tone : 'other',
        },
      ];
    default:
      return [];
  }
}

function offered(flow: string | null | undefined, { flows }: Known['playbook']): FlowSpec | undefined {
  const spec = flow == null ? undefined : flows.get(flow);
  return spec?.isOffered === true ? spec : undefined;
}

function slotsOf({ slots }: FilledCommand, flow: FlowSpec): Record<string, string> {
  const entries = Object.entries(slots ?? {}).flatMap(([name, written]): [string, string][] => {
    const value = flow.slots.has(name) ? toValue(written) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function toValue(written: FilledCommand['value']): string | undefined {
  if (written === null || written === undefined) return undefined;
  if (typeof written === 'boolean') return written ? 'yes' : 'no';
  const value = String(written).trim().slice(0, longestValue).toWellFormed();
  return value === '' ? undefined : value;
}

/** A flow that is named twice is started once, with the slots of both. */
function mergeStarts(commands: readonly Command[]): Command[] {
  const merged: Command[] = [];
  for (const command of commands) {
    const at = merged.findIndex(
      (other) => other.kind === 'start_flow' && command.kind === 'start_flow' && other.flow === command.flow,
    );
    const before = merged[at];
    if (before?.kind === 'start_flow' && command.kind === 'start_flow') {
      merged[at] = { ...before, slots: { ...before.slots, ...command.slots } };
    } else merged.push(command);
  }
  return merged;
}

/** Slots have to be those of a flow that is active, or started by the same message. */
function isInPlace(command: Command, commands: readonly Command[], { playbook, context }: Known): boolean {
  if (command.kind !== 'set_slot' && command.kind !== 'correct_slot') return true;
  if (context.awaiting?.slot === command.slot) return true;
  const started = commands.flatMap((other) => (other.kind === 'start_flow' ? [other.flow] : []));
  return [context.flow, ...started].some(
    (flow) => flow !== null && playbook.flows.get(flow)?.slots.has(command.slot) === true,
  );
}

function optionsOf(commands: readonly FilledCommand[], { playbook }: Known): string[] {
  return namesIn(
    commands
      .slice(0, mostCommands)
      .flatMap(({ flow, options, topics }) => [flow ?? '', ...(options ?? []), ...(topics ?? [])]),
    playbook,
  );
}

function namesIn(
  names: readonly string[] | null | undefined,
  { flows, agents }: Known['playbook'],
): string[] {
  const isKnown = (name: string): boolean => flows.get(name)?.isOffered === true || agents.has(name);
  return [...new Set((names ?? []).filter(isKnown))].slice(0, mostNames);
}

function topicsOf(names: readonly string[] | null | undefined, { agents }: Known['playbook']): string[] {
  const known = [...new Set((names ?? []).filter((name) => agents.has(name)))].slice(0, mostNames);
  return known.length > 0 ? known : (names ?? []).length > 0 ? [unknownTopic] : [];
}

function readAnalysis(
  filled: FilledAnalysis | undefined,
  commands: readonly Command[],
  { playbook, text }: Known,
): Analysis {
  const own = topicsOf(filled?.topics, playbook);
  const asked = commands.flatMap((command) => (command.kind === 'digress' ? command.topics : []));
  const risk = riskCategories.find((category) => category === filled?.risk) ?? 'none';
  // The placeholder stands where a key stood: whatever a model makes of it, a key has become known.
  const isExposed = risk === 'none' && hasKeyPlaceholder(text);
  const riskCategory = isExposed ? 'token_exposure' : risk;
  const entities = (filled?.entities ?? []).map((name) => name.trim().slice(0, 200).toWellFormed());
  return {
    topics: own.length > 0 ? own : [...new Set(asked)],
    urgency: urgencies.find((word) => word === filled?.urgency) ?? 'normal',
    tone: tones.find((word) => word === filled?.tone) ?? 'neutral',
    sensitivity: {
      isSensitive: riskCategory !== 'none',
      riskCategory,
      confidence: isExposed ? 1 : clamp(filled?.confidence ?? 1),
      entities: [...new Set(entities.filter((name) => name !== ''))].slice(0, mostNames),
    },
  };
}

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}
