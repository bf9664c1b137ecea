import type { ApprovalPolicy, Risk } from '#contract/approval';

/** Who decides about a tool's actions, and how long they have. */
export interface ToolPolicy {
  readonly risk: Risk;
  readonly policy: ApprovalPolicy;
  readonly expiresInSeconds: number;
}

export const piiKinds = ['email', 'phone', 'card', 'iban', 'ip', 'api_key'] as const;
export type PiiKind = (typeof piiKinds)[number];

/**
 * What becomes of personal data before it is stored or shown to a model. `token`: a placeholder that egress turns back;
 * `redact`: a placeholder for good; `mask`: its end remains; `hash`: a fingerprint remains, by which a tool can find it;
 * `block`: the message is not taken; `keep`: nothing.
 */
export const piiStrategies = ['token', 'redact', 'mask', 'hash', 'block', 'keep'] as const;
export type PiiStrategy = (typeof piiStrategies)[number];

export type PrivacyPolicy = Readonly<Record<PiiKind, PiiStrategy>>;

/** Which drafts a person reads before they go out, beside what agents say of themselves. */
export interface ReviewPolicy {
  /** How often a rejected draft is written anew before a person takes over. */
  readonly rounds: number;
  /** Texts that no reply may contain, each with what a reviewer is told. */
  readonly forbidden: readonly { readonly text: string; readonly why: string }[];
  /** Hosts that a reply may link to, with their subdomains. */
  readonly links: readonly string[];
}

export interface SecurityPolicy {
  /** Below it a category is not trusted, and the cautious path is taken. */
  readonly threshold: number;
  /** Tools of low risk that run at once, in parallel, for each category. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
}

export interface BudgetLimits {
  readonly tokensPerDay: number | undefined;
  /** In the currency of `prices`. */
  readonly costPerDay: number | undefined;
  /** Calls of models and tools. */
  readonly stepsPerDay: number | undefined;
}

export interface BudgetPolicy {
  readonly user: BudgetLimits;
  readonly room: BudgetLimits;
  /** Per million tokens, by model. */
  readonly prices: Readonly<Record<string, { readonly input: number; readonly output: number }>>;
}

export interface MemoryPolicy {
  readonly ttlSeconds: number;
  /** An alert when so many users of one organisation report the same topic within the time. */
  readonly pattern: { readonly users: number; readonly withinSeconds: number };
}

/**
 * What becomes of a message that a person sends while an earlier one of the same session is still worked on.
 * `enqueue`: it waits its turn. `reject`: it is not taken, and the person is told. `interrupt`: the earlier one is broken off,
 * and both are answered together. `rollback`: the earlier one is broken off as if it had never been written.
 */
export const doubleTexts = ['enqueue', 'reject', 'interrupt', 'rollback'] as const;
export type DoubleText = (typeof doubleTexts)[number];

/** What becomes of the answer when its question is redacted. */
export const redactionPolicies = ['withdraw_answer', 'keep_answer'] as const;
export type RedactionPolicy = (typeof redactionPolicies)[number];

/** What people do with their messages: write again, take back. */
export interface MessagePolicy {
  readonly doubleText: DoubleText;
  /** By room id, over `doubleText`. */
  readonly rooms: Readonly<Record<string, DoubleText>>;
  readonly onRedaction: RedactionPolicy;
}

export interface Policies {
  readonly messages: MessagePolicy;
  readonly review: ReviewPolicy;
  readonly privacy: PrivacyPolicy;
  readonly security: SecurityPolicy;
  readonly budgets: BudgetPolicy;
  readonly memory: MemoryPolicy;
  /** A person who took over and says nothing for so long hands back. */
  readonly takeoverIdleSeconds: number;
}
