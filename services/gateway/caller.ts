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
  /** By the epoch, in ms: what they opened is closed then. */
  readonly expiresAt: number;
}
