import type { TokenUsage } from '#models/chat-model';

/** Who spends. */
export interface Spender {
  readonly user: string;
  readonly room: string;
}

export interface Spent {
  readonly usage: readonly TokenUsage[];
  /** Calls of models and tools. */
  readonly steps: number;
}

export type Exhausted = {
  readonly scope: 'user' | 'room';
  /** The user or room id. */
  readonly who: string;
  readonly what: 'tokens' | 'cost' | 'steps';
  readonly limit: number;
  readonly spent: number;
};

/** What may be spent in a day (UTC), by user and by room. */
export interface Budgets {
  /** The first budget that is used up; undefined where there is something left in all. */
  exhausted(spender: Spender): Promise<Exhausted | undefined>;
  /** Safe to repeat: a turn is counted once. */
  spend(spender: Spender, turn: string, spent: Spent): Promise<void>;
  /** Raises today's limit by as much again; safe to repeat under the same key. Resolves to the new limit. */
  raise(budget: Pick<Exhausted, 'scope' | 'who' | 'what'>, key: string): Promise<number>;
}
