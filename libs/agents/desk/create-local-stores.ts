import { createLocalBudgets } from '#agents/budgets/create-local-budgets';
import { createLocalCanaries } from '#agents/flags/create-local-canaries';
import { createLocalMemory } from '#agents/memory/create-local-memory';
import type { Stores } from './stores.ts';

/** Stores that are gone with the process: for tests of playbooks, and measurements. */
export function createLocalStores(now: () => number = Date.now): Stores {
  return {
    memory: (policy) => createLocalMemory(policy, now),
    budgets: (policy) => createLocalBudgets(policy, now),
    canaries: createLocalCanaries(),
    understood: undefined,
  };
}
