import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Command } from '../command.ts';
import type { Advance, Decided, Dialogue, Met } from './dialogue.ts';
import { type DialogueState, emptyDialogue } from './dialogue-state.ts';
import { dialogueState } from './dialogue-state-schema.ts';
import { deepestStack, mostFrames } from './push-frame.ts';
import { randomCommand, randomDecided, randomFlows, randomMet } from './random-flows.ts';
import { mostSteps, mostVisits } from './run-steps.ts';
import { sampleDialogue } from './sample-flows.ts';

/** A message, how its needs are met, and how an approval ends after it. */
interface Round {
  readonly commands: readonly Command[];
  readonly met: readonly Met[];
  readonly decided: { readonly which: number; readonly outcome: Decided } | null;
}

const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    commands: fc.array(randomCommand, { minLength: 1, maxLength: 4 }),
    met: fc.array(randomMet, { maxLength: 5 }),
    decided: fc.option(fc.record({ which: fc.nat(), outcome: randomDecided })),
  }),
  { minLength: 1, maxLength: 12 },
);

/** What has been seen of a whole conversation. */
class Witness {
  readonly dialogue: Dialogue;
  state: DialogueState = emptyDialogue;
  /** Keys of needs that were met. */
  readonly keys = new Set<string>();
  /** Frames that have ended. */
  readonly ended = new Set<string>();

  constructor(dialogue: Dialogue) {
    this.dialogue = dialogue;
  }

  /** Does a call twice, and looks whether everything holds that is promised. */
  see(call: (state: DialogueState) => Advance, isReturn = false): Advance {
    const before = this.state;
    const advance = call(before);
    expect(call(JSON.parse(JSON.stringify(before)))).toEqual(advance);
    const { state, need, events } = advance;
    expect(dialogueState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(state.stack.length + state.parked.length).toBeLessThanOrEqual(mostFrames);
    if (!isReturn)
      expect(state.stack.length).toBeLessThanOrEqual(Math.max(deepestStack, before.stack.length));
    expect(events.length).toBeLessThanOrEqual(2 * (mostFrames + 1) * (mostSteps + 5));
    this.seeFrames(before, state);
    this.seeOpenEnd(advance);
    if (need !== undefined) {
      expect(this.keys).not.toContain(need.key);
      expect(this.ended).not.toContain(need.frame);
      expect(state.stack.at(-1)?.id).toBe(need.frame);
    }
    this.state = state;
    return advance;
  }

  private seeFrames(before: DialogueState, after: DialogueState): void {
    const idsOf = ({ stack, parked }: DialogueState): string[] => [...stack, ...parked].map(({ id }) => id);
    const ids = idsOf(after);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(this.ended).not.toContain(id);
    for (const id of idsOf(before)) if (!ids.includes(id)) this.ended.add(id);
    for (const [index, { linkedBy, trail }] of after.stack.entries()) {
      if (linkedBy !== null) expect(after.stack[index - 1]?.id).toBe(linkedBy);
      expect(new Set(trail.map(({ step }) => step)).size).toBe(trail.length);
    }
  }

  /** Nothing hangs: a flow needs something, or waits for an answer, and then the question is known. */
  private seeOpenEnd({ state, need, events }: Advance): void {
    const active = state.stack.at(-1);
    if (need !== undefined || active === undefined) return;
    expect(active.awaiting?.kind).toMatch(/^(slot|confirm)$/);
    const question = this.dialogue.question(state);
    expect(question).toBeDefined();
    const last = events.at(-1);
    if (last?.kind === 'asked') expect(last.text).toBe(question);
  }
}

function live(witness: Witness, { commands, met, decided }: Round, round: number): void {
  const { dialogue } = witness;
  meetAll(
    witness,
    witness.see((state) => dialogue.take(state, commands, `$turn${round}`)),
    met,
  );
  const { parked } = witness.state;
  const awaiting = decided === null ? null : parked[decided.which % Math.max(parked.length, 1)]?.awaiting;
  if (decided === null || awaiting?.kind !== 'approval') return;
  const { approval } = awaiting;
  meetAll(
    witness,
    witness.see((state) => dialogue.decided(state, approval, decided.outcome), true),
    [],
  );
}

function meetAll(witness: Witness, first: Advance, met: readonly Met[]): void {
  const { dialogue } = witness;
  let advance = first;
  // The caller lets a turn do a bounded number of things, and then says that it failed.
  for (let index = 0; advance.need !== undefined; index += 1) {
    const { need } = advance;
    const given: Met = met[index] ?? { kind: 'failed', text: 'enough' };
    const how: Met = given.kind === 'proposed' ? { ...given, approval: `approval of ${need.key}` } : given;
    advance = witness.see((state) => dialogue.meet(state, need, how), true);
    expect(dialogue.meet(witness.state, need, how).events).toEqual([]);
    witness.keys.add(need.key);
    expect(index).toBeLessThan(mostFrames * mostVisits);
  }
}

it('keeps every promise, whatever the flows are and whatever people say', () => {
  fc.assert(
    fc.property(randomFlows, rounds, (flows, drawn) => {
      const witness = new Witness(sampleDialogue(...flows));
      for (const [index, round] of drawn.entries()) live(witness, round, index);
    }),
    { numRuns: 400 },
  );
});
