import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphGoneError, NewerGraphError } from '#agents/errors';
import { chooseVersion, versionOfWaiting } from './choose-version.ts';
import type { GraphVersion } from './graph-version.ts';

function version(number: number, adopt?: GraphVersion['adopt']): GraphVersion {
  const build: GraphVersion['build'] = () => {
    throw new Error('nothing is built to choose');
  };
  return { version: number, build, isOpen: ({ open }) => open === true, ...(adopt && { adopt }) };
}

const adopting = (number: number) => version(number, (_, isOpen) => (isOpen ? undefined : { graph: number }));
const three = [version(1), adopting(2), adopting(3)] as const;
const thread = (number: number, open: boolean) => ({ id: 't', version: number, values: { open } });

describe('the version that a thread goes on with', () => {
  it('is its own while something is open, however old', () => {
    expect(chooseVersion(three, thread(1, true), 3)).toEqual({ version: three[0], updates: [] });
  });

  it('is the target when nothing is open, a declared step for each version between', () => {
    const { version: chosen, updates } = chooseVersion(three, thread(1, false), 3);
    expect(chosen.version).toBe(3);
    expect(updates).toEqual([{ graph: 2 }, { graph: 3 }]);
  });

  it('is never an older one, while an upgrade is under way or taken back', () => {
    expect(chooseVersion(three, thread(3, false), 1).version.version).toBe(3);
  });

  it('stays where a step between is not declared', () => {
    const gap = [version(1), version(2), adopting(3)];
    expect(chooseVersion(gap, thread(1, false), 3).version.version).toBe(1);
  });

  it('is reached by a migration that takes over what waits, where one is declared', () => {
    const taking = [adopting(2), version(3, () => ({ graph: 3, moved: true }))];
    const { version: chosen, updates } = chooseVersion(taking, thread(2, true), 3);
    // Its own code is still here, so what is open ends on it.
    expect([chosen.version, updates]).toEqual([2, []]);
    const gone = [version(3, () => ({ graph: 3, moved: true }))];
    expect(chooseVersion(gone, thread(2, true), 3).updates).toEqual([{ graph: 3, moved: true }]);
  });

  it('is nobody’s guess: newer code is waited for, code that is gone is told', () => {
    expect(() => chooseVersion(three, thread(4, false), 3)).toThrow(NewerGraphError);
    expect(() => chooseVersion([adopting(2), adopting(3)], thread(1, true), 3)).toThrow(GraphGoneError);
    expect(() => versionOfWaiting([adopting(2)], { id: 't', version: 1 })).toThrow(GraphGoneError);
    expect(versionOfWaiting(three, { id: 't', version: 1 })).toBe(three[0]);
  });

  it('is always one that the code has, or an error with its reason', () => {
    const versions = fc
      .uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 })
      .map((numbers) =>
        numbers
          .sort((a, b) => a - b)
          .map((number) => (number % 2 === 0 ? adopting(number) : version(number))),
      );
    fc.assert(
      fc.property(
        versions,
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 6 }),
        (list, own, open, target) => {
          try {
            const chosen = chooseVersion(list, thread(own, open), target);
            expect(list).toContain(chosen.version);
            expect(chosen.version.version).toBeGreaterThanOrEqual(own);
          } catch (error) {
            expect(error instanceof NewerGraphError || error instanceof GraphGoneError).toBe(true);
          }
        },
      ),
    );
  });
});
