import { approvalCodeOf } from '#contract/approval';
import { eventually } from './eventually.ts';
import type { MatrixEvent, MatrixUser } from './matrix-user.ts';
import type { System } from './start-system.ts';
import { readRoom, relationOf, type Said, shownMark, shownText } from './system-timeline.ts';

export interface Answered {
  /** What the room shows now, as plain text. */
  readonly text: string;
  readonly kind: string;
  readonly event: MatrixEvent;
  /** How often it was edited. */
  readonly edits: number;
}

export interface Prompt {
  readonly approval: string;
  /** What a reviewer types after `!vagent approve`. */
  readonly code: string;
  readonly event: MatrixEvent;
  readonly text: string;
}

type Watched = Pick<System, 'botId' | 'rooms'>;

/** The bot's final answer to an event (a message, or a decision), in a room. Waits for it. */
export async function answerTo(
  system: Watched,
  roomId: string,
  eventId: string,
  withinMs = 20_000,
): Promise<Answered> {
  const look = async (): Promise<Answered | undefined> => {
    const room = await readRoom(roomOf(system, roomId), system.botId);
    const first = room.said.find(
      ({ vagent, edits }) => vagent.turn === eventId && edits === undefined && vagent.part === 0,
    );
    const kind = first && shownMark(room, first.event.event_id)?.kind;
    if (first === undefined || kind === undefined || kind === 'draft') return undefined;
    const edits = room.said.filter((said) => said.edits === first.event.event_id).length;
    return { text: shownText(room, first.event.event_id), kind, event: first.event, edits };
  };
  return eventually(look, { withinMs, everyMs: 50, what: `${eventId} is answered in ${roomId}` });
}

/** The prompt in the admin room that a message has caused. Waits for it. */
export async function promptFor(
  system: Watched & Pick<System, 'adminRoom'>,
  eventId: string,
  withinMs = 20_000,
): Promise<Prompt> {
  const look = async (): Promise<Prompt | undefined> => {
    const room = await readRoom(roomOf(system, system.adminRoom), system.botId);
    const found = room.said.find(
      ({ vagent, event, edits }) =>
        vagent.kind === 'approval' &&
        vagent.turn === eventId &&
        event.type === 'm.room.message' &&
        edits === undefined,
    );
    const approval = found?.vagent.approval;
    if (found === undefined || approval === undefined) return undefined;
    const text = String(found.event.content['body']);
    return { approval, code: approvalCodeOf(approval), event: found.event, text };
  };
  return eventually(look, { withinMs, everyMs: 50, what: `${eventId} has a prompt` });
}

/** What the prompt shows of its outcome. Waits until it shows one. */
export async function outcomeOf(
  system: Watched & Pick<System, 'adminRoom'>,
  prompt: Prompt,
  withinMs = 20_000,
): Promise<{ readonly text: string; readonly turn: string }> {
  const look = async () => {
    const room = await readRoom(roomOf(system, system.adminRoom), system.botId);
    const edit = room.said.find(({ edits }) => edits === prompt.event.event_id);
    if (edit === undefined) return undefined;
    return { text: shownText(room, prompt.event.event_id), turn: edit.vagent.turn };
  };
  return eventually(look, { withinMs, everyMs: 50, what: `${prompt.approval} shows its outcome` });
}

/** What the bot told whoever sent this decision, beside or in the prompt. Waits for it. */
export async function toldAbout(
  system: Watched & Pick<System, 'adminRoom'>,
  decision: string,
  withinMs = 20_000,
): Promise<{ readonly text: string; readonly isOutcome: boolean; readonly said: Said }> {
  const look = async () => {
    const room = await readRoom(roomOf(system, system.adminRoom), system.botId);
    const said = room.said.find(
      ({ vagent, event }) =>
        vagent.kind === 'outcome' && (vagent.turn === decision || relationOf(event).replyTo === decision),
    );
    if (said === undefined) return undefined;
    return { text: String(said.event.content['body']), isOutcome: said.edits !== undefined, said };
  };
  return eventually(look, { withinMs, everyMs: 50, what: `somebody is told about ${decision}` });
}

/** Has a direct room with the bot, and asks there for the records of a project to be deleted. */
export async function askForDeletion(
  system: Pick<System, 'direct' | 'user' | 'botId' | 'rooms' | 'adminRoom'>,
  name: string,
  project: string,
): Promise<{
  readonly user: MatrixUser;
  readonly room: string;
  readonly message: string;
  readonly prompt: Prompt;
}> {
  const user = await system.user(name);
  const room = await system.direct(user);
  const message = await user.say(room, `Please delete all records of project ${project}`);
  return { user, room, message, prompt: await promptFor(system, message) };
}

/** Everything that the bot has ever shown in a room: bodies and HTML, of edits too, oldest first. */
export async function everShown(system: Watched, roomId: string): Promise<string[]> {
  const { said } = await readRoom(roomOf(system, roomId), system.botId);
  return said.map(({ event: { content } }) => JSON.stringify(content));
}

/** What the bot tells the admin room without being asked, in the thread of a prompt. Waits for it. */
export async function noticeUnder(
  system: Watched & Pick<System, 'adminRoom'>,
  prompt: Prompt,
  text: string | RegExp,
  withinMs = 20_000,
): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const { said } = await readRoom(roomOf(system, system.adminRoom), system.botId);
    return said
      .filter(({ event, vagent }) => {
        return relationOf(event).thread === prompt.event.event_id && vagent.kind === 'status';
      })
      .map(({ event }) => String(event.content['body']))
      .find((body) => (typeof text === 'string' ? body.includes(text) : text.test(body)));
  };
  return eventually(look, { withinMs, everyMs: 50, what: `${text} stands under ${prompt.approval}` });
}

/** Says something in a direct room, and waits for the bot's final answer. */
export async function exchange(
  system: Watched,
  user: MatrixUser,
  room: string,
  text: string,
): Promise<Answered & { readonly message: string }> {
  const message = await user.say(room, text);
  return { ...(await answerTo(system, room, message)), message };
}

function roomOf({ rooms }: Watched, roomId: string) {
  const room = rooms.find((one) => one.roomId === roomId);
  if (room === undefined) throw new Error(`Nobody reads ${roomId}`);
  return room;
}
