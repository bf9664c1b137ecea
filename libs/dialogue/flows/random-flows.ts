import fc from 'fast-check';
import type { Condition, FlowSpec, Step } from '#playbook/flow-spec';
import type { Command } from '../command.ts';
import type { Decided, Met } from './dialogue.ts';
import { sampleFlow, sampleSlot } from './sample-flows.ts';

const flowIds = ['f0', 'f1', 'f2'] as const;
const slots = [sampleSlot('s0', 'text'), sampleSlot('s1', 'number'), sampleSlot('s2', 'boolean')];
const slotName = fc.constantFrom('s0', 's1', 's2');
const flowId = fc.constantFrom(...flowIds);
const template = fc.constantFrom(
  '{s0}',
  '{s1}',
  'x {s2} y',
  '{r0}',
  '{r1.a}',
  '{failure}',
  'plain',
  '{__proto__.x}',
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ value: slotName, known: fc.boolean() }),
  fc.record({ value: fc.constantFrom('s1', 'r0.a'), above: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ value: fc.constantFrom('s2', 'r0', 'r1.b'), is: fc.oneof(fc.boolean(), template) }),
);
/** Distributes over the members of the union, which `Omit` does not. */
type Body = Step extends infer Kind ? (Kind extends Step ? Omit<Kind, 'id' | 'next'> : never) : never;

function stepBody(goal: fc.Arbitrary<string>): fc.Arbitrary<Body> {
  const maybe = fc.option(goal, { nil: undefined });
  const action = {
    tool: fc.constantFrom('t0', 't1'),
    with: fc.dictionary(fc.constantFrom('a', 'b'), template),
    save: fc.constantFrom('r0', 'r1', undefined),
    onFailure: maybe,
  };
  return fc.oneof(
    fc.record({ kind: fc.constant('collect' as const), slots: fc.array(slotName, { maxLength: 3 }) }),
    fc.record({ kind: fc.constantFrom('action' as const, 'approval' as const), ...action }),
    fc.record({
      kind: fc.constant('branch' as const),
      cases: fc.array(fc.record({ when: condition, goto: goal }), { maxLength: 2 }),
      otherwise: maybe,
    }),
    fc.record({ kind: fc.constant('confirm' as const), ask: template, no: maybe }),
    fc.record({ kind: fc.constant('say' as const), text: template }),
    fc.record({
      kind: fc.constant('set' as const),
      values: fc.dictionary(fc.constantFrom('s0', 's1', 'r0'), fc.oneof(template, fc.constant(null))),
    }),
    fc.record({
      kind: fc.constant('link' as const),
      to: fc.oneof(
        fc.record({ flow: flowId, slots: fc.dictionary(slotName, template) }),
        fc.record({ agent: fc.constant('billing'), request: template }),
      ),
    }),
    fc.record({
      kind: fc.constant('check' as const),
      afterSeconds: fc.nat(),
      tool: fc.constant('t0'),
      with: fc.constant({}),
      expect: condition,
      failed: template,
    }),
  );
}

const oneFlow = (id: string): fc.Arbitrary<FlowSpec> =>
  fc.integer({ min: 1, max: 7 }).chain((size) => {
    const goal = fc.nat(size - 1).map((index) => `p${index}`);
    const next = fc.constantFrom('following', 'following', 'following', 'end', 'other');
    const bodies = fc.array(fc.tuple(stepBody(goal), next, goal), { minLength: size, maxLength: size });
    return bodies.map((drawn) => {
      const steps = drawn.map(([body, how, other], index) => {
        const following = index + 1 < size ? `p${index + 1}` : undefined;
        return {
          ...body,
          id: `p${index}`,
          next: how === 'end' ? undefined : how === 'other' ? other : following,
        };
      });
      return sampleFlow(id, slots, steps);
    });
  });

/** Three flows, valid by construction, with cycles and links to each other and themselves. */
export const randomFlows: fc.Arbitrary<readonly FlowSpec[]> = fc.tuple(...flowIds.map(oneFlow));

const written = fc.constantFrom('yes', 'no', '7', '-2', 'words', '', '{s0}', '# big', 'x'.repeat(600));
const anySlot = fc.constantFrom('s0', 's1', 's2', 'p0', 'p1', 'p2', 'nothing', '__proto__');
const anyFlow = fc.constantFrom(...flowIds, 'f0', 'nothing', '__proto__');

/** Commands as any understanding may give them, also for what does not exist. */
export const randomCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('start_flow' as const),
    flow: anyFlow,
    slots: fc.dictionary(anySlot, written),
  }),
  fc.record({ kind: fc.constant('set_slot' as const), slot: anySlot, value: written }),
  fc.record({ kind: fc.constant('set_slot' as const), slot: anySlot, value: written }),
  fc.record({ kind: fc.constant('correct_slot' as const), slot: anySlot, value: fc.option(written) }),
  fc.constant<Command>({ kind: 'cancel' }),
  fc.record({ kind: fc.constant('resume' as const), flow: fc.option(anyFlow) }),
  fc.record({
    kind: fc.constant('digress' as const),
    digression: fc.constantFrom('why' as const, 'help' as const),
    text: written,
    topics: fc.constant([]),
  }),
  fc.constantFrom<Command>(
    { kind: 'hand_off' },
    { kind: 'chat', tone: 'other' },
    { kind: 'clarify', options: [] },
  ),
);

/** How a need may be met; approvals get their name from the test. */
export const randomMet: fc.Arbitrary<Met> = fc.oneof(
  fc.record({
    kind: fc.constant('ran' as const),
    data: fc.jsonValue({ maxDepth: 2 }),
    text: fc.constant('ok'),
  }),
  fc.record({ kind: fc.constant('failed' as const), text: fc.constantFrom('', 'it broke') }),
  fc.constant<Met>({ kind: 'proposed', approval: '' }),
  fc.constant<Met>({ kind: 'scheduled' }),
) as fc.Arbitrary<Met>;

export const randomDecided: fc.Arbitrary<Decided> = fc.oneof(
  fc.record({
    kind: fc.constant('ran' as const),
    data: fc.jsonValue({ maxDepth: 2 }),
    text: fc.constant('ok'),
  }),
  fc.record({
    kind: fc.constantFrom('failed' as const, 'rejected' as const),
    text: fc.constantFrom('', 'no'),
  }),
  fc.constantFrom<Decided>({ kind: 'expired' }, { kind: 'cancelled' }),
) as fc.Arbitrary<Decided>;
