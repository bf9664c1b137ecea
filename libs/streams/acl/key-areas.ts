import type { RedisUser } from './redis-user.ts';

/**
 * Keys that are used alike, as a pattern of Redis' ACL behind `KEY_PREFIX:`. Who writes may read too: a script must
 * have both rights for each key that it is given.
 */
export interface KeyArea {
  readonly pattern: string;
  readonly write: readonly RedisUser[];
  readonly read?: readonly RedisUser[];
}

const everybody: readonly RedisUser[] = ['ingress', 'worker', 'egress', 'clock', 'gateway', 'operator'];
const people: readonly RedisUser[] = ['gateway', 'operator'];

/** A key of any partition. */
const own = (name: string): string => `{[0-9]*}:${name}`;

/** All keys of vagent, and who needs them. A test holds this table to the names in `libs/contract/keys.ts`. */
export const keyAreas: readonly KeyArea[] = [
  { pattern: 'settings', write: everybody },
  // Streams, and the ledger that makes publishing idempotent.
  { pattern: own('inbound'), write: ['ingress', 'worker', 'clock', ...people] },
  { pattern: own('outbound'), write: ['worker', 'egress', 'operator'], read: ['gateway'] },
  { pattern: own('approvals'), write: ['worker', 'clock', 'egress', 'operator'], read: ['gateway'] },
  { pattern: own('timers'), write: ['worker', 'clock', 'operator'], read: ['gateway'] },
  { pattern: own('dead'), write: everybody },
  { pattern: own('fact:*'), write: everybody },
  { pattern: own('accepted'), write: everybody },
  // What proves who decided what. Ingress tells reviewers of it, and has no say in it, as little as egress and clock.
  { pattern: own('audit'), write: ['worker', ...people], read: ['ingress'] },
  { pattern: own('audit:head'), write: ['worker', ...people] },
  { pattern: own('approval:*'), write: ['worker'], read: ['ingress', 'egress', ...people] },
  { pattern: own('approvals:open'), write: ['worker'], read: ['ingress', ...people] },
  { pattern: own('approvals:decided:*'), write: ['worker'], read: ['ingress', ...people] },
  // Leases and members of the groups.
  { pattern: own('lease:graph'), write: ['worker'], read: people },
  { pattern: own('lease:egress'), write: ['egress'], read: people },
  { pattern: own('lease:clock'), write: ['clock'], read: people },
  { pattern: 'members:graph', write: ['worker'], read: people },
  { pattern: 'members:egress', write: ['egress'], read: people },
  { pattern: 'members:clock', write: ['clock'], read: people },
  // Conversations.
  { pattern: own('session:*'), write: ['worker'], read: people },
  // Ingress closes the sessions of rooms that the bot was removed from.
  { pattern: own('sessions'), write: ['worker'], read: ['ingress', ...people] },
  { pattern: own('turns:*'), write: ['worker'], read: ['ingress', 'egress', ...people] },
  { pattern: own('turn-of:*'), write: ['worker', 'clock', 'gateway'], read: ['ingress', 'operator'] },
  { pattern: own('told:*'), write: ['worker'] },
  { pattern: own('thread:*'), write: ['worker'] },
  { pattern: own('store'), write: ['worker'] },
  { pattern: own('vault:*'), write: ['ingress', 'worker', 'egress', 'gateway'] },
  { pattern: 'understood:*', write: ['worker'] },
  { pattern: '{memory:*', write: ['worker', 'operator'] },
  { pattern: '{budget:*', write: ['worker'] },
  { pattern: '{flag:*', write: ['worker'], read: people },
  { pattern: '{playbook}:*', write: ['worker'], read: people },
  // What egress has posted, and where.
  { pattern: own('prompt:*'), write: ['egress'], read: ['ingress', 'gateway', 'operator'] },
  { pattern: own('reply:*'), write: ['egress'], read: ['ingress', ...people] },
  { pattern: 'posted:*', write: ['egress'], read: ['ingress', ...people] },
  // Timers.
  { pattern: own('timers:pending'), write: ['clock'], read: people },
  { pattern: own('timers:due'), write: ['clock'], read: people },
  { pattern: '{clock}:*', write: ['clock'], read: ['operator'] },
  // The bot's account: up to where /sync was read, and the tokens of its devices, one for each role.
  { pattern: '{sync}:*', write: ['ingress'], read: ['operator'] },
  { pattern: '{sync}:session-of:*', write: ['ingress'], read: ['worker', 'egress', ...people] },
  { pattern: '{sync}:*:token:VAGENT_EGRESS*', write: ['egress'] },
  // Crypto devices, each the business of its own role; what waits for a key; files that wait for their turn.
  { pattern: '{crypto:*}:cross-signing', write: ['egress', 'operator'], read: ['ingress'] },
  { pattern: '{crypto:*}:ciphertext', write: ['ingress'], read: ['operator'] },
  { pattern: '{crypto:*}:rooms', write: ['ingress', 'egress'], read: ['operator'] },
  { pattern: '{crypto:*}:told:*', write: ['ingress'] },
  { pattern: '{crypto:*:VAGENT_CRYPTO_INGRESS*}:*', write: ['ingress'], read: ['operator'] },
  { pattern: '{crypto:*:VAGENT_CRYPTO_EGRESS*}:*', write: ['egress'], read: ['operator'] },
  { pattern: '{sync}:*:token:VAGENT_CRYPTO_EGRESS*', write: ['egress'] },
  { pattern: own('media:*'), write: ['ingress', 'worker'], read: ['operator'] },
  { pattern: '{rooms}:moved', write: ['ingress'], read: ['worker', 'egress', ...people] },
  { pattern: own('mark:*'), write: ['egress'], read: ['operator'] },
  // Limits and switches.
  { pattern: 'rate:*', write: ['ingress', 'gateway'] },
  { pattern: '{switches}:*', write: people, read: ['ingress', 'worker', 'egress', 'clock'] },
  { pattern: '{access}:*', write: people },
  // Sign-in codes, tickets and sessions of the console.
  { pattern: 'gateway:*', write: ['gateway'] },
  { pattern: 'gateway:sign-in:*', write: ['operator'] },
];
