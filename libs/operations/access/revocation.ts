import { z } from 'zod';

/** What can be revoked: one token by its claim `jti`, or everything that proved who somebody is until now. */
export const revocationKind = z.enum(['jti', 'subject']);
export type RevocationKind = z.infer<typeof revocationKind>;

/** Access that an operator has taken back. It is remembered for as long as anything could still come with it. */
export const revocation = z.object({
  kind: revocationKind,
  /** The `jti` of a token, or a user id. */
  id: z.string().min(1).max(255),
  /** By Redis' clock, in ms: of a subject, what was issued later counts. Now, or the earlier moment that was asked for. */
  at: z.number(),
  /** In ms: from then on nobody has to remember it. */
  until: z.number(),
  /** `cli:<name>`, or the user id of an operator. */
  by: z.string(),
  /** Why, for the others; may be empty. */
  because: z.string().max(500),
});
export type Revocation = z.infer<typeof revocation>;

/** What a proof of identity says about itself, as far as it can be revoked. */
export interface Proof {
  /** A user id. */
  readonly user: string;
  /** Of the token that it is, or was made from; null where there is none. */
  readonly jti: string | null;
  /** The earliest moment at which it can have been issued, in ms. */
  readonly issuedAt: number;
}
