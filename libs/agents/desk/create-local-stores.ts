import type { Budgets } from '#agents/budgets/budgets';
import { createLocalBudgets } from '#agents/budgets/create-local-budgets';
import { createLocalCanaries } from '#agents/flags/create-local-canaries';
import { createLocalMemory } from '#agents/memory/create-local-memory';
import type { Memory } from '#agents/memory/memory';
import type { Stores } from './stores.ts';

/** Stores that are gone with the process, for one playbook: for tests and measurements. */
export function createLocalStores(now: () => number = Date.now): Stores {
  let memory: Memory | undefined;
  let budgets: Budgets | undefined;
  return {
    memory: (policy) => (memory ??= createLocalMemory(policy, now)),
    budgets: (policy) => (budgets ??= createLocalBudgets(policy, now)),
    canaries: createLocalCanaries(),
    understood: undefined,
  };
}
