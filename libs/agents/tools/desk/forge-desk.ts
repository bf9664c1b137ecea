import { z } from 'zod';

export const invoice = z.object({
  invoice_id: z.string(),
  amount: z.number(),
  /** ISO 4217. */
  currency: z.string(),
  state: z.enum(['open', 'paid', 'refunded']),
  refundable: z.boolean(),
  paid_at: z.string().nullable(),
});
export type Invoice = z.infer<typeof invoice>;

export const account = z.object({
  username: z.string(),
  two_factor: z.boolean(),
  locked: z.boolean(),
  last_login: z.string(),
});
export type Account = z.infer<typeof account>;

export const organisation = z.object({
  organisation: z.string(),
  /** Per month, in the currency of the contract. */
  ci_limit: z.number(),
  ci_used: z.number(),
  owners: z.array(z.string()),
});
export type Organisation = z.infer<typeof organisation>;

export const pipeline = z.object({
  organisation: z.string(),
  state: z.enum(['passing', 'failing']),
  failing_since: z.string().nullable(),
  reason: z.string().nullable(),
});
export type Pipeline = z.infer<typeof pipeline>;

export const auditEvent = z.object({
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  address: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof auditEvent>;

export const ipReputation = z.object({ suspicious: z.boolean(), addresses: z.array(z.string()) });
export type IpReputation = z.infer<typeof ipReputation>;

/** What every change carries: a key that was seen before changes nothing and answers as the first time. */
export interface DeskCall {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** Why a change was not made; nothing has happened then. */
export interface Declined {
  readonly declined: string;
}

/**
 * The systems of the code host, as far as its support desk may use them. What does not exist is undefined; times are
 * ISO 8601. Every method may throw a ToolError when the system behind it is ill.
 */
export interface ForgeDesk {
  findInvoice(id: string): Promise<Invoice | undefined>;
  findAccount(username: string): Promise<Account | undefined>;
  findOrganisation(name: string): Promise<Organisation | undefined>;
  readPipeline(name: string): Promise<Pipeline | undefined>;
  /** Newest first; at most 20. */
  readAuditLog(subject: string): Promise<readonly AuditEvent[]>;
  checkIpReputation(subject: string): Promise<IpReputation>;
  /** False where no token has this fingerprint: 16 hexadecimal digits. */
  revokeToken(fingerprint: string, call: DeskCall): Promise<boolean>;
  recordFeedback(feedback: { solved: boolean; comment: string }, call: DeskCall): Promise<void>;
  refundInvoice(
    refund: { invoice: string; amount: number; currency: string | undefined; reason: string },
    call: DeskCall,
  ): Promise<Invoice | Declined>;
  raiseCiBudget(
    raise: { organisation: string; limit: number },
    call: DeskCall,
  ): Promise<Organisation | Declined>;
  grantBudgetPermission(
    grant: { organisation: string; username: string },
    call: DeskCall,
  ): Promise<{ readonly granted: true } | Declined>;
  resetTwoFactor(
    reset: { username: string; deviceLost: boolean },
    call: DeskCall,
  ): Promise<Account | Declined>;
}
