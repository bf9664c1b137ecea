import type { Role } from './api/role.ts';

/** Who asks, as far as a token, a ticket or a signed-in console proves it. */
export interface Caller {
  /** A Matrix user id: what they decide and write is theirs. */
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  /** The only conversation that they may see and use; null where their role says it. */
  readonly session: string | null;
  readonly via: 'token' | 'console' | 'ticket';
  /** The claim `jti` of the token that let them in, or that their ticket was asked for with; null without one. */
  readonly jti: string | null;
  /** The earliest moment at which their proof can have been issued, by the epoch, in ms. */
  readonly issuedAt: number;
  /** By the epoch, in ms: what they opened is closed then. */
  readonly expiresAt: number;
}
