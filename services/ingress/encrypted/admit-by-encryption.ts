import type { DecodedEvent } from '#matrix/room-event';
import { ignore, type Verdict } from '../admission/verdict.ts';
import type { RoomViews } from '../rooms/room-views.ts';

export interface ByEncryptionDeps {
  /**
   * Encrypted rooms are declined where there are no keys at all. Else their events are queued by whoever hears of them,
   * and opened by whoever holds the keys.
   */
  readonly encryption: 'declined' | 'queued' | 'opened';
  readonly views: Pick<RoomViews, 'view' | 'forget' | 'noteEncryption'>;
}

/** What becomes of an event because of its room's encryption; undefined where that decides nothing. */
export async function admitByEncryption(
  { encryption, views }: ByEncryptionDeps,
  event: DecodedEvent,
): Promise<Verdict | undefined> {
  const { kind, room } = event;
  const isEncrypted = async (): Promise<boolean> => (await views.view(room)).isEncrypted;
  if (encryption === 'declined') {
    if (kind === 'encryption') return { act: 'decline' };
    if (kind !== 'encrypted') return undefined;
    if (await isEncrypted()) return { act: 'decline' };
    // Anybody may send this type anywhere: a member must not be able to put the bot out of a room by it.
    views.forget(room);
    return (await isEncrypted()) ? { act: 'decline' } : ignore(kind);
  }
  switch (kind) {
    case 'encryption':
      await views.noteEncryption(room);
      return ignore(kind);
    case 'encrypted':
      // Switched on where we did not see it; anybody may send this type anywhere, so that it proves nothing.
      if (!(await isEncrypted())) views.forget(room);
      return { act: 'queue' };
    case 'message':
    case 'edit':
    case 'undecodable':
      // Whoever runs the homeserver could have written it.
      return !event.encrypted && (await isEncrypted()) ? ignore('plaintext') : undefined;
    case 'redaction':
    case 'reaction':
      // Clear text by the specification. A redaction keeps its place behind what it redacts; what a reaction is about,
      // only the keys tell.
      return encryption === 'queued' && (await isEncrypted()) ? { act: 'queue' } : undefined;
    default:
      return undefined;
  }
}
