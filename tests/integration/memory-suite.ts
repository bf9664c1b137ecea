import { expect, it } from 'vitest';
import type { Memory, Remembered, Subject } from '#agents/memory/memory';
import { organisationOf } from '#agents/memory/organisation-of';
import type { MemoryPolicy } from '#playbook/policies';
import { eventually } from '../support/eventually.ts';

export const memoryPolicy: MemoryPolicy = { ttlSeconds: 60, pattern: { users: 3, withinSeconds: 60 } };

export function subjectOf(user: string): Subject {
  return { user, organisation: organisationOf(user) };
}

const ann = subjectOf('@ann:acme.example');
const bob = subjectOf('@bob:acme.example');
const eve = subjectOf('@eve:other.example');

export function memoryAt(minute: number, more: Partial<Remembered> = {}): Remembered {
  return {
    id: `$turn-${minute}`,
    topics: ['billing'],
    summary: `Talk number ${minute}`,
    outcome: 'solved',
    tone: 'neutral',
    at: new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString(),
    ...more,
  };
}

/** What every memory keeps. `open` starts with nothing, under a policy. */
export function describeMemory(open: (policy: MemoryPolicy) => Memory): void {
  it('recalls the newest conversations of a person first, few, as sentences', async () => {
    const memory = open(memoryPolicy);
    for (const minute of [3, 1, 9, 5, 7, 8, 2]) await memory.remember(ann, memoryAt(minute));
    const recalled = await memory.recall(ann);
    expect(recalled).toHaveLength(5);
    expect(recalled[0]).toBe('On 2026-11-21: Talk number 9. It was about billing. It was solved.');
    expect(recalled.map((fact) => /number (\d)/.exec(fact)?.[1])).toEqual(['9', '8', '7', '5', '3']);
  });

  it('tells of an organisation how often a topic came up, and never who it was or what was said', async () => {
    const memory = open(memoryPolicy);
    await memory.remember(ann, memoryAt(1, { summary: '@ann:acme.example lost a phone' }));
    await memory.remember(ann, memoryAt(2, { outcome: 'unsolved', tone: 'angry' }));
    await memory.remember(ann, memoryAt(3, { topics: ['ci_workers'] }));
    expect(await memory.recall(bob)).toEqual([
      'Others of acme.example had one conversation about ci_workers, the last on 2026-11-21.',
      'Others of acme.example had 2 conversations about billing, 1 of them without a solution, the last on 2026-11-21.',
    ]);
    expect(await memory.recall(eve)).toEqual([]);
    expect((await memory.recall(ann)).join()).not.toContain('Others');
  });

  it('keeps one memory of a turn that is remembered twice', async () => {
    const memory = open(memoryPolicy);
    await memory.remember(ann, memoryAt(1, { outcome: 'unknown' }));
    await memory.remember(ann, memoryAt(1));
    expect(await memory.recall(ann)).toEqual([
      'On 2026-11-21: Talk number 1. It was about billing. It was solved.',
    ]);
    expect(await memory.recall(bob)).toEqual([expect.stringContaining('one conversation')]);
  });

  it('lets the oldest go where there are too many', async () => {
    const memory = open(memoryPolicy);
    for (let minute = 0; minute < 55; minute += 1) await memory.remember(ann, memoryAt(minute));
    expect(await memory.recall(bob)).toEqual([expect.stringContaining('50 conversations')]);
    expect((await memory.recall(ann))[0]).toContain('Talk number 54');
    expect(await memory.erase(ann.user)).toBe(50);
  });

  it('cuts what is too long, and takes times and texts of any kind', async () => {
    const memory = open(memoryPolicy);
    const strange = {
      summary: `\ud800${'x'.repeat(5_000)}`,
      at: 'yesterday',
      topics: [' {a}:*', '__proto__'],
    };
    await memory.remember(ann, memoryAt(1, strange));
    const [fact = ''] = await memory.recall(ann);
    expect(fact.length).toBeLessThan(700);
    expect(fact).toMatch(/^On \d{4}-\d\d-\d\d: /);
    expect(await memory.recall(bob)).toHaveLength(2);
  });

  it('forgets everything about a person, counts and patterns too, and says how much it was', async () => {
    const memory = open(memoryPolicy);
    await memory.remember(ann, memoryAt(1));
    await memory.remember({ ...ann, organisation: 'umbrella' }, memoryAt(2));
    await memory.remember(bob, memoryAt(3));
    await memory.report(ann, 'billing', '$a');
    await memory.report(bob, 'billing', '$b');
    expect(await memory.erase(ann.user)).toBe(2);
    expect(await memory.erase(ann.user)).toBe(0);
    expect(await memory.recall(ann)).toEqual([expect.stringContaining('Others of acme.example had one')]);
    expect(await memory.recall({ ...bob, organisation: 'umbrella' })).toHaveLength(1);
    // Two are left only if the report of the person who was forgotten counts no more.
    expect(await memory.report(subjectOf('@cid:acme.example'), 'billing', '$c')).toBeNull();
    expect(await memory.report(subjectOf('@dan:acme.example'), 'billing', '$d')).toBe(3);
  });

  it('forgets nobody who was never there', async () => {
    expect(await open(memoryPolicy).erase('@nobody:acme.example')).toBe(0);
  });

  it('gives memories up after their time', async () => {
    const memory = open({ ...memoryPolicy, ttlSeconds: 0.15 });
    // Again where the machine takes longer than that for the two.
    await eventually(async () => {
      await memory.remember(ann, memoryAt(1));
      return (await memory.recall(ann)).length === 1;
    });
    await eventually(async () => (await memory.recall(ann)).length === 0);
    expect(await memory.recall(bob)).toEqual([]);
  });

  it('tells of a pattern when the last of enough people reports it, and the same turn again', async () => {
    const memory = open(memoryPolicy);
    const report = (name: string, turn: string, topic = 'ci_workers', server = 'acme.example') =>
      memory.report(subjectOf(`@${name}:${server}`), topic, turn);
    expect(await report('ann', '$1')).toBeNull();
    expect(await report('ann', '$2')).toBeNull();
    expect(await report('ann', '$3')).toBeNull();
    expect(await report('bob', '$4')).toBeNull();
    expect(await report('cid', '$5', 'billing')).toBeNull();
    expect(await report('cid', '$6', 'ci_workers', 'other.example')).toBeNull();
    expect(await report('cid', '$7')).toBe(3);
    expect(await report('cid', '$7')).toBe(3);
    expect(await report('dan', '$8')).toBeNull();
    expect(await report('eve', '$9')).toBeNull();
  });

  it('tells of it again in the next window, by people of that window alone', async () => {
    const memory = open({ ...memoryPolicy, pattern: { users: 2, withinSeconds: 0.3 } });
    let turn = 0;
    /** Until both are in one window: the one before may not be over, or the machine be too slow for the two. */
    const reportOf = (...names: readonly string[]): Promise<number> =>
      eventually(async () => {
        for (const name of names) {
          turn += 1;
          const people = await memory.report(subjectOf(`@${name}:acme.example`), 'x', `$${turn}`);
          if (people !== null) return people;
        }
        return null;
      });
    expect(await reportOf('ann', 'bob')).toBe(2);
    expect(await reportOf('cid', 'dan')).toBe(2);
  });

  it('has nothing to report for somebody without an organisation', async () => {
    const memory = open({ ...memoryPolicy, pattern: { users: 1, withinSeconds: 60 } });
    const nowhere = subjectOf('@local');
    await memory.remember(nowhere, memoryAt(1));
    expect(await memory.recall(nowhere)).toHaveLength(1);
    expect(await memory.report(nowhere, 'x', '$1')).toBeNull();
    expect(await memory.erase(nowhere.user)).toBe(1);
  });
}
