import type { Json } from '#contract/canonical-json';
import type { FlowSpec } from '#playbook/flow-spec';
import type { Command } from '../command.ts';
import { UnknownValidatorError } from '../errors.ts';
import type { DialogueContext } from '../understanding/understanding.ts';
import { questionOf } from './ask.ts';
import type { Book } from './book.ts';
import { conditionSchema } from './condition-schema.ts';
import type { Advance, Dialogue } from './dialogue.ts';
import type { DialogueState, Frame } from './dialogue-state.ts';
import { continueDecided, meetNeed } from './meet-need.ts';
import { meetsCondition } from './meets-condition.ts';
import { chainAt, unpark } from './move-chain.ts';
import { advanceOf, beginProgress, type Progress } from './progress.ts';
import { pushFrame } from './push-frame.ts';
import { runSteps } from './run-steps.ts';
import { takeCommand } from './take-command.ts';

/**
 * The flows of a playbook as pure functions. A message's commands all count before any step runs, so that a slot that the
 * same message fills is not asked for. The text of an `asked` event is always the one that `question` gives.
 *
 * @throws {UnknownValidatorError} when a slot has a type without validator, or there is none for yes and no.
 */
export function createDialogue(book: Book): Dialogue {
  requireValidators(book);
  const within = (state: DialogueState, work: (progress: Progress) => boolean): Advance => {
    const progress = beginProgress(book, state);
    if (work(progress)) runSteps(progress);
    return advanceOf(progress);
  };
  return {
    take: (state, commands, turn) => within(state, (progress) => takeAll(progress, commands, turn)),
    meet: (state, need, met) => within(state, (progress) => meetNeed(progress, need, met)),
    decided: (state, approval, outcome) =>
      within(state, (progress) => {
        const isThere = unpark(progress, approval);
        if (isThere) continueDecided(progress, outcome);
        return isThere;
      }),
    start: (state, flow, slots, turn) =>
      within(state, (progress) => startByItself(progress, book.flows.get(flow), slots, turn)),
    question: ({ stack }) => {
      const active = stack.at(-1);
      return active && questionOf(book, active);
    },
    contextOf: (state, waiting) => contextOf(book, state, waiting),
    isAsExpected: ({ expect }, data) => {
      const condition = conditionSchema.safeParse(expect);
      return condition.success && meetsCondition(condition.data, { result: data });
    },
  };
}

function requireValidators({ flows, validators }: Book): void {
  for (const { id, slots, steps } of flows.values()) {
    const types = [...slots.values()].map(({ type }) => type);
    if (steps.some(({ kind }) => kind === 'confirm')) types.push('boolean');
    const missing = types.find((type) => !validators.has(type));
    if (missing !== undefined) throw new UnknownValidatorError(id, missing);
  }
}

function takeAll(progress: Progress, commands: readonly Command[], turn: string): boolean {
  let started = 0;
  const newId = (): string => {
    started += 1;
    return `${turn}:${started}`;
  };
  return commands.map((command) => takeCommand(progress, command, newId)).some(Boolean);
}

function startByItself(
  progress: Progress,
  spec: FlowSpec | undefined,
  slots: Readonly<Record<string, Json>>,
  turn: string,
): boolean {
  if (spec === undefined) return false;
  const isTaken = (id: string): boolean =>
    [...progress.stack, ...progress.parked].some((frame) => frame.id === id);
  let id = `${turn}:${spec.id}`;
  while (isTaken(id)) id += '+';
  return pushFrame(progress, spec, { id, slots, linkedBy: null });
}

function contextOf(book: Book, { stack }: DialogueState, waiting: number): DialogueContext {
  const active = stack.at(-1);
  const chain = chainAt(stack, stack.length - 1);
  const paused = stack.slice(0, stack.length - chain.length).map(({ flow }) => flow);
  return {
    flow: active?.flow ?? null,
    awaiting: active === undefined ? null : awaitingOf(book, active),
    filled: Object.keys(active?.slots ?? {}),
    paused: [...new Set(paused.reverse())],
    waiting,
  };
}

function awaitingOf(book: Book, { flow, awaiting }: Frame): DialogueContext['awaiting'] {
  if (awaiting === null || awaiting.kind === 'approval') return null;
  const { kind, slot } = awaiting;
  const type = kind === 'confirm' ? 'boolean' : book.flows.get(flow)?.slots.get(slot)?.type;
  return type === undefined ? null : { flow, slot, type };
}
