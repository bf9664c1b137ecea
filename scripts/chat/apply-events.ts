import { z } from 'zod';
import { vagentContent, vagentContentKey } from '#contract/vagent-content';
import type { Item } from './item.ts';
import type { RoomEvent } from './sync-answer.ts';

const relation = z.object({
  rel_type: z.string().optional().catch(undefined),
  event_id: z.string().optional().catch(undefined),
  key: z.string().optional().catch(undefined),
  'm.in_reply_to': z.object({ event_id: z.string() }).optional().catch(undefined),
});
const message = z.object({
  body: z.string(),
  msgtype: z.string(),
  [vagentContentKey]: vagentContent.optional().catch(undefined),
  'm.relates_to': relation.optional().catch(undefined),
});
const edited = z.object({ 'm.new_content': message, 'm.relates_to': relation });

/** The items of a room after these events, oldest first: edits change what they edit, redactions take it away. */
export function applyEvents(items: readonly Item[], events: readonly RoomEvent[]): Item[] {
  return events.reduce<Item[]>(applyEvent, [...items]);
}

function applyEvent(items: Item[], event: RoomEvent): Item[] {
  switch (event.type) {
    case 'm.room.message':
      return applyMessage(items, event);
    case 'm.reaction':
      return applyReaction(items, event);
    case 'm.room.redaction':
      return items.filter(({ id }) => id !== event.content['redacts']);
    default:
      return items;
  }
}

function applyMessage(items: Item[], event: RoomEvent): Item[] {
  const edit = edited.safeParse(event.content);
  if (edit.success && edit.data['m.relates_to'].rel_type === 'm.replace') {
    const target = edit.data['m.relates_to'].event_id ?? '';
    const item = { ...toItem(target, event.sender, edit.data['m.new_content']), isEdited: true };
    const known = items.find(({ id }) => id === target);
    if (known === undefined) return [...items, item];
    if (known.sender !== event.sender) return items;
    const kept = { answers: known.answers ?? item.answers, reactions: known.reactions };
    return items.map((one) => (one === known ? { ...item, ...kept } : one));
  }
  const parsed = message.safeParse(event.content);
  if (!parsed.success || items.some(({ id }) => id === event.event_id)) return items;
  return [...items, toItem(event.event_id, event.sender, parsed.data)];
}

function toItem(id: string, sender: string, content: z.infer<typeof message>): Item {
  const own = content[vagentContentKey];
  return {
    id,
    sender,
    text: content.body,
    kind: own?.kind ?? (content.msgtype === 'm.notice' ? 'notice' : 'message'),
    approval: own?.approval,
    // The turn of a message is the event that began it.
    answers: own?.turn ?? content['m.relates_to']?.['m.in_reply_to']?.event_id,
    isEdited: false,
    reactions: [],
  };
}

function applyReaction(items: Item[], event: RoomEvent): Item[] {
  const { data } = relation.safeParse(event.content['m.relates_to']);
  const { key, event_id: target } = data ?? {};
  if (key === undefined) return items;
  return items.map((item) =>
    item.id === target && !item.reactions.includes(key)
      ? { ...item, reactions: [...item.reactions, key] }
      : item,
  );
}
