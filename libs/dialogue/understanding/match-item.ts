import { canonicalJson } from '#contract/canonical-json';
import type { Command } from '#dialogue/command';
import type { Validator } from '#dialogue/flows/validator';
import type { FlowSpec } from '#playbook/flow-spec';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import type { DialogueContext, Understanding } from './understanding.ts';

type Expected = LabelledMessage['expect'];

/** What was understood, in the words of what is expected. */
export type Got = { readonly [Field in keyof Expected]?: Expected[Field] } & { readonly error?: string };

export interface MatchDeps {
  readonly flows: ReadonlyMap<string, FlowSpec>;
  readonly validators: ReadonlyMap<string, Validator>;
}

/**
 * Compares what was understood with what is expected. The first command that is more than chat tells the kind; where a
 * message gives several commands of that kind, such as two slots, any of them may be the expected one.
 */
export function matchItem(
  expect: Expected,
  { commands, analysis }: Understanding,
  context: DialogueContext,
  deps: MatchDeps,
): { readonly isRight: boolean; readonly got: Got } {
  const first = commands.find(({ kind }) => kind !== 'chat') ?? commands[0];
  if (first === undefined) return { isRight: false, got: {} };
  const readings = commands
    .filter(({ kind }) => kind === first.kind)
    .map((command) => toGot(command, expect, analysis, context));
  const right = readings.find((got) => isSame(expect, got, context, deps));
  return { isRight: right !== undefined, got: right ?? readings[0] ?? { command: first.kind } };
}

function toGot(
  command: Command,
  expect: Expected,
  analysis: Understanding['analysis'],
  context: DialogueContext,
): Got {
  const ofQuestion = command.kind === 'digress' && command.topics.length > 0;
  const topics = ofQuestion ? command.topics : analysis.topics;
  const [topic] = topics;
  return {
    command: command.kind,
    ...detailsOf(command, expect, context),
    ...(topic === undefined ? {} : { topic }),
    topics: [...topics],
    risk: analysis.sensitivity.riskCategory,
  };
}

function detailsOf(command: Command, expect: Expected, context: DialogueContext): Got {
  switch (command.kind) {
    case 'start_flow': {
      const slot =
        expect.slot !== undefined && Object.hasOwn(command.slots, expect.slot) ? expect.slot : undefined;
      const value = slot === undefined ? undefined : command.slots[slot];
      return { flow: command.flow, ...(slot === undefined || value === undefined ? {} : { slot, value }) };
    }
    case 'set_slot':
    case 'correct_slot':
      return {
        ...flowOf(context.flow),
        slot: command.slot,
        value: command.value,
      };
    case 'resume':
      return flowOf(command.flow ?? context.paused[0]);
    case 'cancel':
      return flowOf(context.flow);
    case 'digress':
      return { digression: command.digression };
    case 'clarify':
    case 'hand_off':
    case 'chat':
      return {};
    default:
      return command satisfies never;
  }
}

function flowOf(flow: string | null | undefined): Got {
  return flow === null || flow === undefined ? {} : { flow };
}

function isSame(expect: Expected, got: Got, context: DialogueContext, deps: MatchDeps): boolean {
  if (expect.command !== got.command) return false;
  if (expect.flow !== undefined && expect.flow !== got.flow) return false;
  if (expect.slot !== undefined && expect.slot !== got.slot) return false;
  if (expect.value !== undefined && !isSameValue(expect, got, context, deps)) return false;
  if (expect.digression !== undefined && expect.digression !== got.digression) return false;
  if (expect.topic !== undefined && expect.topic !== got.topic) return false;
  if (expect.risk !== undefined && expect.risk !== got.risk) return false;
  return expect.topics === undefined || isSameSet(expect.topics, got.topics ?? []);
}

/** As the person wrote it, or another way to write what the slot's validator takes for the same. */
function isSameValue(
  expect: Expected,
  got: Got,
  context: DialogueContext,
  { flows, validators }: MatchDeps,
): boolean {
  if (expect.value === null || expect.value === undefined || got.value === null || got.value === undefined) {
    return expect.value === got.value;
  }
  const [wanted, found] = [String(expect.value).trim(), String(got.value).trim()];
  if (wanted.toLowerCase() === found.toLowerCase()) return true;
  const flow = flows.get(got.flow ?? context.flow ?? '');
  const type =
    flow?.slots.get(got.slot ?? '')?.type ??
    (context.awaiting?.slot === got.slot ? context.awaiting?.type : undefined);
  const validator = validators.get(type ?? '');
  const [one, other] = [validator?.validate(wanted), validator?.validate(found)];
  if (one?.ok !== true || other?.ok !== true) return false;
  return canonicalJson(one.value).toLowerCase() === canonicalJson(other.value).toLowerCase();
}

function isSameSet(wanted: readonly string[], found: readonly string[]): boolean {
  const set = new Set(found);
  return new Set(wanted).size === set.size && wanted.every((topic) => set.has(topic));
}
