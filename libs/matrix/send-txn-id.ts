import { createHash } from 'node:crypto';

/**
 * The transaction id of one send. The same (sender, room, key) gives the same id, so that a homeserver answers a
 * repeated send with the first event. The sender is part of it because homeservers keep an appservice's ids by path
 * alone: two of its users with one id in one room would share an event.
 */
export function txnIdOf(sender: string, room: string, key: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([sender, room, ...key]))
    .digest('base64url');
}
