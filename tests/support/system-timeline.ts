import { type VagentContent, vagentContent, vagentContentKey } from '#contract/vagent-content';
import type { MatrixEvent } from './matrix-user.ts';
import type { TrackedRoom } from './system-rooms.ts';

/** An event that the bot sent, as it stands in a room. */
export interface Said {
  readonly event: MatrixEvent;
  /** Its place in the room, from the oldest. */
  readonly index: number;
  readonly vagent: VagentContent & { readonly reply: string; readonly part: number };
  /** The event that it replaces, where it is an edit. */
  readonly edits: string | undefined;
}

/** A message of a person that the bot has to answer. */
export interface Asked {
  readonly event: MatrixEvent;
  readonly index: number;
  readonly thread: string | undefined;
  readonly session: string;
}

export interface SeenRoom extends TrackedRoom {
  readonly events: readonly MatrixEvent[];
  readonly said: readonly Said[];
  readonly asked: readonly Asked[];
  /** Events of the bot, beside its membership, that do not say what they are. */
  readonly unmarked: readonly MatrixEvent[];
}

/** Reads every room to its beginning, with the eyes of a person in it. */
export function readRooms(rooms: readonly TrackedRoom[], botId: string): Promise<SeenRoom[]> {
  return Promise.all(rooms.map((room) => readRoom(room, botId)));
}

export async function readRoom(room: TrackedRoom, botId: string): Promise<SeenRoom> {
  const events = await room.reader.timeline(room.roomId);
  const mine = events.flatMap((event, index) =>
    isOwn(event.sender, botId) && event.state_key === undefined ? [{ event, index }] : [],
  );
  const said = mine.flatMap(({ event, index }) => {
    const read = toSaid(event, index);
    return read === undefined ? [] : [read];
  });
  const marked = new Set(said.map(({ event }) => event.event_id));
  return {
    ...room,
    events,
    said,
    asked: room.kind === 'admin' ? [] : findAsked(room, events, said, botId),
    unmarked: mine
      .map(({ event }) => event)
      .filter(
        (event) =>
          // What was taken back has lost its mark with everything else.
          !marked.has(event.event_id) &&
          event.type !== 'm.room.redaction' &&
          !isBare(event) &&
          event.unsigned?.['redacted_because'] === undefined,
      ),
  };
}

/** The bot, or the ghost of one of its agents. */
function isOwn(userId: string, botId: string): boolean {
  const server = botId.slice(botId.indexOf(':'));
  return userId === botId || (userId.startsWith('@_vagent_') && userId.endsWith(server));
}

/** A reaction may carry nothing but its sign: in an encrypted room everybody could read what else it says. */
function isBare({ type, content }: MatrixEvent): boolean {
  const bare = ['m.relates_to', 'dev.vagent.send'];
  return type === 'm.reaction' && Object.keys(content).every((key) => bare.includes(key));
}

function toSaid(event: MatrixEvent, index: number): Said | undefined {
  const content = event.content[vagentContentKey];
  const parsed = vagentContent.loose().safeParse(content);
  if (!parsed.success) return undefined;
  const { reply, part, ...vagent } = parsed.data;
  return {
    event,
    index,
    vagent: {
      ...vagent,
      reply: typeof reply === 'string' ? reply : vagent.turn,
      part: typeof part === 'number' ? part : 0,
    },
    edits: relationOf(event).replaces,
  };
}

/** What an event relates to. */
export function relationOf(event: MatrixEvent): {
  readonly replaces: string | undefined;
  readonly thread: string | undefined;
  readonly replyTo: string | undefined;
  readonly annotates: string | undefined;
  readonly key: string | undefined;
} {
  const relation = record(event.content['m.relates_to']);
  const target = text(relation['event_id']);
  const isOf = (type: string): boolean => relation['rel_type'] === type;
  return {
    replaces: isOf('m.replace') ? target : undefined,
    thread: isOf('m.thread') ? target : undefined,
    replyTo:
      relation['is_falling_back'] === true ? undefined : text(record(relation['m.in_reply_to'])['event_id']),
    annotates: isOf('m.annotation') ? target : undefined,
    key: isOf('m.annotation') ? text(relation['key']) : undefined,
  };
}

function findAsked(
  room: TrackedRoom,
  events: readonly MatrixEvent[],
  said: readonly Said[],
  botId: string,
): Asked[] {
  const joinedAt = events.findIndex(
    ({ type, state_key, content }) =>
      type === 'm.room.member' && state_key === botId && content['membership'] === 'join',
  );
  const isBots = new Set(said.map(({ event }) => event.event_id));
  const asked: Asked[] = [];
  for (const [index, event] of events.entries()) {
    const { thread, replyTo, replaces } = relationOf(event);
    const isMessage = event.type === 'm.room.message' && event.content['msgtype'] === 'm.text';
    if (!isMessage || isOwn(event.sender, botId) || replaces !== undefined || index < joinedAt) continue;
    const mentions = record(event.content['m.mentions'])['user_ids'];
    const isMentioned = Array.isArray(mentions) && mentions.some((user) => isOwn(String(user), botId));
    const isReply = replyTo !== undefined && isBots.has(replyTo);
    if (room.kind !== 'direct' && !isMentioned && !isReply) continue;
    asked.push({ event, index, thread, session: `${room.roomId}:${thread ?? 'main'}:${event.sender}` });
  }
  return asked;
}

const answerKinds: readonly string[] = ['reply', 'draft', 'status', 'failed'];

/** The bot's events that answer a message, without edits and further parts. */
export function answersTo(room: SeenRoom, { event }: Pick<Asked, 'event'>) {
  return room.said.filter(
    ({ vagent, edits }) =>
      edits === undefined &&
      vagent.part === 0 &&
      vagent.turn === event.event_id &&
      answerKinds.includes(vagent.kind),
  );
}

/** The text that the event shows now: that of its last edit by the same sender. */
export function shownText(room: Pick<SeenRoom, 'events'>, eventId: string): string {
  const original = room.events.find(({ event_id }) => event_id === eventId);
  const last = room.events.findLast(
    (event) => relationOf(event).replaces === eventId && event.sender === original?.sender,
  );
  const content = last === undefined ? original?.content : record(last.content['m.new_content']);
  return text(content?.['body']) ?? '';
}

/** The mark that the event shows now: that of its last edit. */
export function shownMark(room: Pick<SeenRoom, 'said'>, eventId: string): Said['vagent'] | undefined {
  return room.said.findLast(({ event, edits }) => event.event_id === eventId || edits === eventId)?.vagent;
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  // Nothing is believed of the members: each is checked where it is used.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
