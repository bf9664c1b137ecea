import { MemorySaver } from '@langchain/langgraph';
import type { TurnInput } from '#agents/conversation/turn';
import { formatSessionId } from '#contract/session-id';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { Dialogue } from './dialogue.ts';
import type { DialogueStage } from './dialogue-stage.ts';
import { type Heard, nothingHeard } from './heard.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.ts';

/** What a worker, a clock and a homeserver would keep while a dialogue is played. */
export interface Backstage {
  readonly stage: DialogueStage;
  readonly saver: MemorySaver;
  readonly signal: AbortSignal;
  readonly waitingRoom: WaitingRoom;
  /** Who speaks where a turn does not say it, and their session. */
  readonly user: string;
  readonly own: string;
  threadOf(user: string): string;
  /** The dialogue's time, ISO 8601. */
  at(): string;
  /** Begins a turn of the dialogue; `said` is the message as it was protected. */
  open(turn: DialogueTurn, said: string): Heard;
  /** One turn of the conversation graph; what comes of it is heard. */
  take(
    input: TurnInput,
    whose: { readonly thread: string; readonly requester: string },
    heard: Heard,
  ): Promise<void>;
  /** Ends it: what was heard, with where the session stands. */
  close(heard: Heard, thread: string): Heard;
  /** The approval by which a person took the session over, or an empty text. */
  takeoverOf(thread: string): string;
}

const room = '!dialogue:example.org';

export function createBackstage(dialogue: Dialogue, stage: DialogueStage, signal: AbortSignal): Backstage {
  const saver = new MemorySaver();
  const waitingRoom = createWaitingRoom(stage, saver);
  const situations = new Map<string, Heard['situation']>();
  const threadOf = (user: string): string => formatSessionId({ room, thread: null, user });
  return {
    stage,
    saver,
    signal,
    waitingRoom,
    user: dialogue.user,
    own: threadOf(dialogue.user),
    threadOf,
    at: () => new Date(stage.clock.now).toISOString(),
    open: (turn, said) => {
      // Nothing of a turn before it is taken for this one's.
      stage.takeRan();
      stage.takeUnderstood();
      stage.clock.now += 1_000;
      stage.begin(turn, said);
      return nothingHeard();
    },
    take: async (input, whose, heard) => {
      const { thread } = whose;
      const options = { thread, saver, signal, onDraft: () => undefined };
      const output = await stage.conversation.takeTurn(input, options);
      situations.set(thread, output.situation);
      if (output.reply !== undefined) heard.texts.push(output.reply);
      heard.notices.push(...output.notices.map(({ text }) => text));
      await waitingRoom.admit(output, whose, stage.clock.now);
    },
    close: (heard, thread) => {
      heard.ran.push(...stage.takeRan());
      heard.understood = stage.takeUnderstood();
      heard.waits = waitingRoom.names();
      heard.situation = situations.get(thread);
      return heard;
    },
    takeoverOf: (thread) => situations.get(thread)?.takeover?.approval ?? '',
  };
}
