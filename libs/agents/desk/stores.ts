import type { Budgets } from '#agents/budgets/budgets';
import type { Canaries } from '#agents/flags/canary';
import type { Memory } from '#agents/memory/memory';
import type { BudgetPolicy, MemoryPolicy } from '#playbook/policies';

/** Where a desk keeps what outlives a conversation. */
export interface Stores {
  memory(policy: MemoryPolicy): Memory;
  budgets(policy: BudgetPolicy): Budgets;
  readonly canaries: Canaries;
  /** What models understood, for all workers; undefined: each process remembers for itself. */
  readonly understood: Understood | undefined;
}

export interface Understood {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
}
