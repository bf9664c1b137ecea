import type { Validator } from '#dialogue/flows/validator';
import type { Got } from '#dialogue/understanding/match-item';
import { slotKind } from '#dialogue/understanding/slot-kind';
import type { FlowSpec } from '#playbook/flow-spec';
import type { Playbook } from '#playbook/playbook';
import { analysisPath, talkPath } from '#playbook/playbook-files';
import type { LabelledCase } from './labelled-case.ts';

/** A text that is added to a list of a playbook's file. */
export interface Addition {
  readonly file: string;
  readonly path: readonly string[];
  readonly text: string;
}

export interface PlaceDeps {
  readonly playbook: Pick<Playbook, 'flows' | 'agents'>;
  readonly validators: ReadonlyMap<string, Validator>;
}

const longestExample = 2_000;

/**
 * Where in the playbook a message that was misunderstood has to stand as an example, so that the classifier learns it. Empty
 * where its label does not say it: nobody is taught by a guess.
 */
export function placeExample(one: LabelledCase, got: Got, deps: PlaceDeps): readonly Addition[] {
  const { text, expect } = one.item;
  // What braces and arrows mean in an example nobody meant in a message.
  if (text.length > longestExample || /\{\w+\}| => |\n/.test(text)) return [];
  const isRisk = expect.risk !== undefined && expect.risk !== got.risk;
  const risk: Addition[] =
    isRisk && expect.risk !== undefined
      ? [{ file: analysisPath, path: ['risks', expect.risk], text: one.text }]
      : [];
  const isRest = (['command', 'flow', 'slot', 'value', 'digression', 'topic'] as const).every(
    (field) => expect[field] === undefined || expect[field] === got[field],
  );
  const act = isRisk && isRest ? undefined : placeOfAct(one, deps);
  return [...(act === undefined ? [] : [act]), ...risk];
}

function placeOfAct(one: LabelledCase, deps: PlaceDeps): Addition | undefined {
  const { expect } = one.item;
  const talk = (list: string, text = one.text): Addition => ({ file: talkPath, path: [list], text });
  switch (expect.command) {
    case 'start_flow':
      return placeOfStart(one, deps);
    case 'set_slot':
      return placeOfAnswer(one, deps);
    case 'correct_slot': {
      const text = expect.value === null ? one.text : withSlot(one, '{slot}');
      return text === undefined ? undefined : talk('correct', text);
    }
    case 'digress':
      return placeOfQuestion(one, deps);
    case 'clarify':
      return talk('vague');
    case 'cancel':
    case 'resume':
    case 'hand_off':
      return talk(expect.command);
    // Greeting, thanks and small talk are three lists, and the label is one.
    case 'chat':
      return undefined;
    default:
      return expect.command satisfies never;
  }
}

function placeOfQuestion({ text, item }: LabelledCase, { playbook }: PlaceDeps): Addition | undefined {
  const { digression, topic, topics } = item.expect;
  if (digression !== undefined && digression !== 'question')
    return { file: talkPath, path: [digression], text };
  const [only, ...others] = topics ?? (topic === undefined ? [] : [topic]);
  if (only === undefined || others.length > 0) return undefined;
  if (only === 'unknown') return { file: talkPath, path: ['unknown'], text };
  return playbook.agents.has(only) ? { file: `agents/${only}.yaml`, path: ['examples'], text } : undefined;
}

function placeOfStart(one: LabelledCase, { playbook, validators }: PlaceDeps): Addition | undefined {
  const flow = playbook.flows.get(one.item.expect.flow ?? '');
  if (flow === undefined || !flow.isOffered) return undefined;
  return {
    file: `flows/${flow.id}.yaml`,
    path: ['examples'],
    text: withPatterns(one, flow, validators),
  };
}

function placeOfAnswer(one: LabelledCase, { playbook, validators }: PlaceDeps): Addition | undefined {
  const { awaiting, expect } = one.item;
  const flow = playbook.flows.get(one.context.flow ?? '');
  const { slot: name, value } = expect;
  if (flow === undefined || name === undefined) return undefined;
  const said = typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
  const slot = flow.slots.get(name);
  if (slot === undefined) {
    // A confirmation is answered by yes and no alone.
    const list =
      awaiting?.slot !== name ? undefined : said === 'yes' ? 'affirm' : said === 'no' ? 'deny' : undefined;
    return list === undefined ? undefined : { file: talkPath, path: [list], text: one.text };
  }
  const at = { file: `flows/${flow.id}.yaml`, path: ['slots', name, 'examples'] };
  const isBoolean = slotKind(validators.get(slot.type)) === 'boolean';
  if (isBoolean) return said === undefined ? undefined : { ...at, text: `${one.text} => ${String(said)}` };
  if (said === undefined || said === null) return { ...at, text: one.text };
  const written = withSlot(one, `{${name}}`);
  // Of the value alone nothing is learnt.
  return written === undefined || written === `{${name}}` ? undefined : { ...at, text: written };
}

/** The message with a slot in the place of its labelled value; undefined where the value does not stand in it, once. */
function withSlot({ text, expect }: LabelledCase, slot: string): string | undefined {
  const { value } = expect;
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return undefined;
  const places = text.toLowerCase().split(String(value).toLowerCase());
  const [before, behind] = places;
  if (places.length !== 2 || before === undefined || behind === undefined) return undefined;
  // Not within a word: "no" is no part of "not".
  if (/[\p{L}\p{N}]$/u.test(before) || /^[\p{L}\p{N}]/u.test(behind)) return undefined;
  return text.slice(0, before.length) + slot + text.slice(before.length + String(value).length);
}

/** Values are masked before anybody learns: "refund INV-1" teaches less than "refund {invoice_id}". */
function withPatterns(one: LabelledCase, flow: FlowSpec, validators: ReadonlyMap<string, Validator>): string {
  const { slot: labelled } = one.item.expect;
  const isSlot = labelled !== undefined && flow.slots.has(labelled);
  let text = (isSlot ? withSlot(one, `{${labelled}}`) : undefined) ?? one.text;
  for (const { name, type } of flow.slots.values()) {
    const validator = validators.get(type);
    const isAlone = [...flow.slots.values()].filter((other) => other.type === type).length === 1;
    if (validator === undefined || !isAlone || slotKind(validator) !== 'pattern') continue;
    if (text.includes(`{${name}}`)) continue;
    const [value] = validator.find(text).toSorted((a, b) => b.length - a.length);
    if (value !== undefined && value !== '' && !/[{}]/.test(value))
      text = text.replace(value, () => `{${name}}`);
  }
  return text;
}
