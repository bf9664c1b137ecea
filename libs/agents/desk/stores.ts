import type { Budgets } from '#agents/budgets/budgets';
import type { Canaries } from '#agents/flags/canary';
import type { Memory } from '#agents/memory/memory';
import type { FarCache } from '#dialogue/understanding/create-cached-understanding';
import type { BudgetPolicy, MemoryPolicy } from '#playbook/policies';

/** Where a desk keeps what outlives a conversation. */
export interface Stores {
  memory(policy: MemoryPolicy): Memory;
  budgets(policy: BudgetPolicy): Budgets;
  readonly canaries: Canaries;
  /** What models understood, for all workers, sealed at rest; undefined: each process remembers for itself. */
  readonly understood: FarCache | undefined;
}
