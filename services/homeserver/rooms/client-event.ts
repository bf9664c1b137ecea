import { type Content, objectAt } from '../content.ts';
import type { Context } from '../context.ts';
import { bundledAggregations } from './bundled-aggregations.ts';
import { findRoom, membershipAt } from './room-state.ts';
import { findEvent, type StoredEvent } from './stored-event.ts';

export interface ClientEventOptions {
  /** Who looks: gets their own transaction id back, and their own membership at that event. */
  viewer?: { userId: string; deviceId: string | undefined };
  /** `sync` leaves the room id out; `full`, the default, repeats fields of the first version of the API. */
  format?: 'sync' | 'plain' | 'full';
  /** Add `unsigned.membership`, the viewer's own at that event: on events of a timeline, not on nested ones. */
  withMembership?: boolean;
  /** Add `unsigned.m.relations`: latest edit, thread summary, references. */
  bundle?: boolean;
}

/** The event in the format that the client-server API and the appservice API show. */
export function clientEvent(context: Context, event: StoredEvent, options: ClientEventOptions = {}): Content {
  const shown: Content = {
    type: event.type,
    sender: event.sender,
    content: event.content,
    ...(event.stateKey === null ? {} : { state_key: event.stateKey }),
    origin_server_ts: event.at,
    event_id: event.eventId,
    unsigned: unsigned(context, event, options),
  };
  const format = options.format ?? 'full';
  if (format !== 'sync') shown['room_id'] = event.roomId;
  if (format === 'full') addLegacyFields(event, shown);
  if (event.redacts !== null) showRedacted(context, event, event.redacts, shown);
  return shown;
}

/** Outside of /sync Synapse still repeats some fields where the first version of the API had them. */
function addLegacyFields(event: StoredEvent, shown: Content): void {
  const unsignedPart = objectAt(shown, 'unsigned');
  shown['user_id'] = event.sender;
  for (const name of ['age', 'redacted_because', 'prev_content', 'replaces_state']) {
    if (unsignedPart[name] !== undefined) shown[name] = unsignedPart[name];
  }
}

/** Room version 11 moved `redacts` into the content; clients get it in both places, as from Synapse. */
function showRedacted(context: Context, event: StoredEvent, redacts: string, shown: Content): void {
  shown['redacts'] = redacts;
  const version = Number(findRoom(context, event.roomId)?.version);
  if (version < 11) shown['content'] = { redacts, ...event.content };
}

function unsigned(context: Context, event: StoredEvent, options: ClientEventOptions): Content {
  const { viewer } = options;
  const result: Content = { age: Math.max(0, context.now() - event.at) };
  if (event.redactedBy !== null) {
    const redaction = findEvent(context, event.redactedBy);
    if (redaction !== undefined) {
      result['redacted_by'] = event.redactedBy;
      result['redacted_because'] = clientEvent(context, redaction, { ...options, withMembership: false });
    }
  }
  if (event.replacesState !== null) addReplaced(context, event.replacesState, result);
  if (viewer === undefined) return result;
  if (options.withMembership) {
    result['membership'] = membershipAt(context, event.roomId, viewer.userId, event.pos) ?? 'leave';
  }
  const isOwn =
    viewer.userId === event.sender && viewer.deviceId !== undefined && viewer.deviceId === event.deviceId;
  if (isOwn && event.txnId !== null) result['transaction_id'] = event.txnId;
  if (options.bundle && event.redactedBy === null) {
    const relations = bundledAggregations(context, event, options, (child, shown) =>
      clientEvent(context, child, shown),
    );
    if (Object.keys(relations).length > 0) result['m.relations'] = relations;
  }
  return result;
}

function addReplaced(context: Context, replaced: string, unsignedPart: Content): void {
  const before = findEvent(context, replaced);
  if (before === undefined) return;
  unsignedPart['replaces_state'] = replaced;
  unsignedPart['prev_content'] = before.content;
  unsignedPart['prev_sender'] = before.sender;
}
