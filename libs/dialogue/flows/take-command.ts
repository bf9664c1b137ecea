import type { Command } from '../command.ts';
import { scopeOf } from './book.ts';
import { fillSlot } from './fill-slot.ts';
import { fillText } from './fill-template.ts';
import { endFrame } from './leave-step.ts';
import { bringToTop, chainAt } from './move-chain.ts';
import { activeFrame, type Progress, say } from './progress.ts';
import { pushFrame } from './push-frame.ts';
import { sentences } from './sentences.ts';

/**
 * Works a command into the state, without running any step yet: several commands of one message count together.
 *
 * @param newId makes the id of a frame that the command starts.
 * @returns whether the flows have to run: something about them has changed, or their question was not answered.
 */
export function takeCommand(progress: Progress, command: Command, newId: () => string): boolean {
  switch (command.kind) {
    case 'start_flow':
      return start(progress, command, newId);
    case 'set_slot':
    case 'correct_slot':
      return setSlot(progress, command.slot, command.value);
    case 'cancel':
      return cancel(progress);
    case 'resume':
      return resume(progress, command.flow);
    case 'digress':
      return digress(progress, command);
    case 'clarify':
      progress.asides.push({ kind: 'clarify', options: command.options });
      return false;
    case 'hand_off':
      progress.asides.push({ kind: 'hand_off' });
      return false;
    case 'chat':
      progress.asides.push({ kind: 'chat', tone: command.tone });
      return false;
    default:
      return command satisfies never;
  }
}

type CommandOf<Kind> = Extract<Command, { kind: Kind }>;

function start(progress: Progress, { flow, slots }: CommandOf<'start_flow'>, newId: () => string): boolean {
  const spec = progress.book.flows.get(flow);
  if (spec === undefined) {
    progress.asides.push({ kind: 'clarify', options: [] });
    return false;
  }
  const isActive = activeFrame(progress)?.flow === flow;
  if (!isActive && !bringToTop(progress, flow)) {
    if (!pushFrame(progress, spec, { id: newId(), slots: {}, linkedBy: null })) {
      say(progress, flow, sentences.tooMany(flow));
      return false;
    }
  }
  // A flow that was brought back may lie under one that it links to, whose slots these are not.
  if (activeFrame(progress)?.flow === flow) {
    for (const [slot, value] of Object.entries(slots)) fillSlot(progress, slot, value);
  }
  return true;
}

function setSlot(progress: Progress, slot: string, value: string | null): boolean {
  const active = activeFrame(progress);
  const hasSlot = (flow: string): boolean => progress.book.flows.get(flow)?.slots.has(slot) === true;
  const isAsked = active?.awaiting?.kind === 'confirm' && active.awaiting.slot === slot;
  if (active !== undefined && (isAsked || hasSlot(active.flow))) {
    fillSlot(progress, slot, value);
    return true;
  }
  const waiting = progress.parked.findLast(({ flow }) => hasSlot(flow));
  if (waiting !== undefined) say(progress, waiting.flow, sentences.isWaiting(waiting.flow));
  else if (active === undefined) progress.asides.push({ kind: 'clarify', options: [] });
  return active !== undefined;
}

function cancel(progress: Progress): boolean {
  const active = activeFrame(progress);
  if (active === undefined) {
    progress.asides.push({ kind: 'cancel' });
    return false;
  }
  say(progress, active.flow, sentences.cancelled(active.flow));
  endFrame(progress, 'cancelled');
  return true;
}

function resume(progress: Progress, flow: string | null): boolean {
  const { book, stack } = progress;
  const active = chainAt(stack, stack.length - 1);
  const isActive = flow !== null && active.some((frame) => frame.flow === flow);
  if (isActive || bringToTop(progress, flow)) return true;
  const isOffered = flow !== null && book.flows.get(flow)?.isOffered === true;
  const isParked = progress.parked.some((frame) => frame.flow === flow);
  if (isOffered && !isParked) progress.asides.push({ kind: 'clarify', options: [flow] });
  else if (active.length === 0)
    progress.asides.push({ kind: 'digress', digression: 'status', text: '', topics: [] });
  return active.length > 0;
}

function digress(progress: Progress, { digression, text, topics }: CommandOf<'digress'>): boolean {
  const active = activeFrame(progress);
  const spec = active && progress.book.flows.get(active.flow);
  if (digression !== 'why') {
    progress.asides.push({ kind: 'digress', digression, text, topics });
    return false;
  }
  if (active === undefined || spec === undefined) {
    progress.asides.push({ kind: 'digress', digression: 'question', text, topics });
    return false;
  }
  const slot = active.awaiting?.kind === 'slot' ? spec.slots.get(active.awaiting.slot) : undefined;
  const reason = slot?.why ?? sentences.neededFor(slot?.description ?? spec.description);
  say(progress, active.flow, fillText(reason, scopeOf(active)));
  return true;
}
