import { MemorySaver } from '@langchain/langgraph';
import type { ActionFinishedInput, TurnInput } from '#agents/conversation/turn';
import { formatSessionId } from '#contract/session-id';
import { builtInTools } from '#playbook/load-options';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { decideWaiting, finishedOf } from './decide-waiting.ts';
import type { Dialogue } from './dialogue.ts';
import type { DialogueStage } from './dialogue-stage.ts';
import { type Heard, nothingHeard } from './heard.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** A dialogue while it is played: what a worker, a clock and a homeserver would keep. */
export interface Rehearsal {
  say(turn: DialogueTurn, text: string, index: number): Promise<Heard>;
  decide(turn: DialogueTurn, tool: string, index: number): Promise<Heard>;
  speak(turn: DialogueTurn, text: string, index: number): Promise<Heard>;
  pass(turn: DialogueTurn, duration: string): Promise<Heard>;
}

const room = '!dialogue:example.org';
const reviewer = '@rita:example.org';

export function createRehearsal(dialogue: Dialogue, stage: DialogueStage, signal: AbortSignal): Rehearsal {
  const saver = new MemorySaver();
  const waitingRoom = createWaitingRoom(stage, saver);
  const situations = new Map<string, Heard['situation']>();
  const threadOf = (user: string): string => formatSessionId({ room, thread: null, user });
  const own = threadOf(dialogue.user);
  const at = (): string => new Date(stage.clock.now).toISOString();

  async function take(input: TurnInput, thread: string, requester: string, heard: Heard): Promise<void> {
    const options = { thread, saver, signal, onDraft: () => undefined };
    const output = await stage.conversation.takeTurn(input, options);
    situations.set(thread, output.situation);
    if (output.reply !== undefined) heard.texts.push(output.reply);
    heard.notices.push(...output.notices.map(({ text }) => text));
    await waitingRoom.admit(output, { thread, requester }, stage.clock.now);
  }

  function close(heard: Heard, thread: string): Heard {
    heard.ran.push(...stage.takeRan());
    heard.understood = stage.takeUnderstood();
    heard.waits = waitingRoom.names();
    heard.situation = situations.get(thread);
    return heard;
  }

  function open(turn: DialogueTurn, said: string): Heard {
    // Nothing of a turn before it is taken for this one's.
    stage.takeRan();
    stage.takeUnderstood();
    stage.clock.now += 1_000;
    stage.begin(turn, said);
    return nothingHeard();
  }

  return {
    say: async (turn, text, index) => {
      const sender = turn.as ?? dialogue.user;
      const thread = threadOf(sender);
      const safe = stage.protect(text, thread);
      const heard = open(turn, safe.ok ? safe.text : '');
      // What the policy blocks never gets as far as the worker.
      if (!safe.ok) return close(heard, thread);
      const input = { kind: 'message', text: safe.text, eventId: `$turn${index}`, sender, at: at() } as const;
      await take(input, thread, sender, heard);
      return close(heard, thread);
    },
    decide: async (turn, tool, index) => {
      const heard = open(turn, '');
      const waiting = waitingRoom.find(tool);
      const decision = { turn, by: turn.by ?? reviewer, at: at(), id: `$turn${index}` };
      const finished = await decideWaiting(waiting, decision, { stage, saver, signal });
      if (finished !== undefined) {
        waitingRoom.leave(waiting);
        heard.ran.push(...ownRun(finished));
        await take(finished, waiting.thread, waiting.requester, heard);
      }
      return close(heard, waiting.thread);
    },
    speak: async (turn, text, index) => {
      const heard = open(turn, '');
      const approval = situations.get(own)?.takeover?.approval ?? '';
      const by = turn.by ?? reviewer;
      await take(
        { kind: 'person', id: `$turn${index}`, approval, by, text, at: at() },
        own,
        dialogue.user,
        heard,
      );
      return close(heard, own);
    },
    pass: async (turn, duration) => {
      const heard = open(turn, '');
      const until = stage.clock.now + millisecondsOf(duration);
      for (let due = waitingRoom.nextDue(until); due !== undefined; due = waitingRoom.nextDue(until)) {
        stage.clock.now = Math.max(stage.clock.now, due.at);
        const input: TurnInput =
          due.kind === 'check'
            ? { kind: 'check', id: due.timer, check: due.check, at: at() }
            : finishedOf(due.waiting, { outcome: 'expired', decidedBy: [], at: at() });
        if (due.kind === 'expiry') await saver.deleteThread(due.waiting.approvalThread);
        await take(input, due.thread, due.requester, heard);
      }
      stage.clock.now = until;
      return close(heard, own);
    },
  };
}

/** What vagent brings by itself is not among the tools that are watched. */
function ownRun({ actions, results = [] }: ActionFinishedInput): string[] {
  const isOwn = (name: string): boolean => builtInTools.some((tool) => tool === name);
  return actions.flatMap(({ name }, index) =>
    results[index]?.status === 'done' && isOwn(name) ? [name] : [],
  );
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function millisecondsOf(duration: string): number {
  return Number.parseInt(duration, 10) * (unitMs[duration.at(-1) ?? ''] ?? 0);
}
