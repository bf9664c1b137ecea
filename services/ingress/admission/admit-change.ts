import { parseSessionId } from '#contract/session-id';
import type { DecodedEvent } from '#matrix/room-event';
import type { RoomMoves } from '#operations/rooms/room-moves';
import { newTrace } from '#runtime/trace';
import type { RoomViews } from '../rooms/room-views.ts';
import type { SessionMemory } from './session-memory.ts';
import { type StripAddressDeps, stripAddress } from './strip-address.ts';
import { ignore, type Verdict } from './verdict.ts';

interface AdmitChangeDeps extends StripAddressDeps {
  readonly memory: SessionMemory;
  readonly views: RoomViews;
  readonly moves: Pick<RoomMoves, 'originOf'>;
}

type Edit = Extract<DecodedEvent, { kind: 'edit' }>;
type Redaction = Extract<DecodedEvent, { kind: 'redaction' }>;

/** An edit counts where its author edits a message of their own that was let in. */
export async function admitEdit(deps: AdmitChangeDeps, event: Edit): Promise<Verdict> {
  const { memory, views, moves } = deps;
  const { eventId, sender, edits, at: originTime } = event;
  const session = await memory.recall(edits);
  const place = session === undefined ? undefined : parseSessionId(session);
  if (session === undefined || place === undefined) return ignore('target_unknown');
  const origin = await moves.originOf(event.room);
  if (place.user !== sender || place.room !== origin) return ignore('target_foreign');
  const { text } = stripAddress({ text: event.text, mentions: [] }, await views.view(event.room), deps);
  const entry = { type: 'message.edited', id: eventId, session, at: new Date().toISOString() } as const;
  const body = { eventId, sender, edits, text, originTime };
  return { act: 'publish', entry: { ...entry, trace: newTrace(), body } };
}

/**
 * A redaction counts where the message, or the edit, was let in; that its sender may redact it, the homeserver has checked.
 */
export async function admitRedaction({ memory, moves }: AdmitChangeDeps, event: Redaction): Promise<Verdict> {
  const { eventId, sender, redacts, at: originTime } = event;
  const ofMessage = await memory.recall(redacts);
  const session = ofMessage ?? (await memory.recallEdit(redacts));
  const place = session === undefined ? undefined : parseSessionId(session);
  if (session === undefined || place === undefined) return ignore('target_unknown');
  if (place.room !== (await moves.originOf(event.room))) return ignore('target_foreign');
  const type = ofMessage === undefined ? 'edit.redacted' : 'message.redacted';
  const body = { eventId, sender, redacts, originTime };
  const at = new Date().toISOString();
  return { act: 'publish', entry: { type, id: eventId, session, at, trace: newTrace(), body } };
}
