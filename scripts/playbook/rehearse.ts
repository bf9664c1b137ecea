import type { ActionFinishedInput, TurnInput } from '#agents/conversation/turn';
import { builtInTools } from '#playbook/load-options';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { Backstage } from './backstage.ts';
import { decideWaiting, finishedOf } from './decide-waiting.ts';
import type { Heard } from './heard.ts';

const reviewer = '@rita:example.org';

/** Takes one turn of a dialogue, whatever its kind. `index` counts from 0. @throws {Error} when it cannot be taken. */
export function rehearse(backstage: Backstage, turn: DialogueTurn, index: number): Promise<Heard> {
  const { user, approval, person, pass } = turn;
  if (user !== undefined) return say(backstage, turn, user, index);
  if (approval !== undefined) return decide(backstage, turn, approval, index);
  if (person !== undefined) return speak(backstage, turn, person, index);
  return wait(backstage, turn, pass ?? '');
}

/** As ingress and a worker do it. What the policy blocks never gets as far as the worker. */
async function say(backstage: Backstage, turn: DialogueTurn, text: string, index: number): Promise<Heard> {
  const requester = turn.as ?? backstage.user;
  const thread = backstage.threadOf(requester);
  const safe = backstage.stage.protect(text, thread);
  const heard = backstage.open(turn, safe.ok ? safe.text : '');
  if (safe.ok) {
    const message = { text: safe.text, eventId: `$turn${index}`, sender: requester, at: backstage.at() };
    await backstage.take({ kind: 'message', ...message }, { thread, requester }, heard);
  }
  return backstage.close(heard, thread);
}

async function decide(backstage: Backstage, turn: DialogueTurn, tool: string, index: number): Promise<Heard> {
  const { waitingRoom } = backstage;
  const heard = backstage.open(turn, '');
  const waiting = waitingRoom.find(tool);
  const decision = { turn, by: turn.by ?? reviewer, at: backstage.at(), id: `$turn${index}` };
  const finished = await decideWaiting(waiting, decision, backstage);
  if (finished !== undefined) {
    waitingRoom.leave(waiting);
    heard.ran.push(...ownRun(finished));
    await backstage.take(finished, waiting, heard);
  }
  return backstage.close(heard, waiting.thread);
}

/** A person who has taken over writes to the user. */
async function speak(backstage: Backstage, turn: DialogueTurn, text: string, index: number): Promise<Heard> {
  const { own: thread, user: requester } = backstage;
  const heard = backstage.open(turn, '');
  const approval = backstage.takeoverOf(thread);
  const by = turn.by ?? reviewer;
  const input = { kind: 'person', id: `$turn${index}`, approval, by, text, at: backstage.at() } as const;
  await backstage.take(input, { thread, requester }, heard);
  return backstage.close(heard, thread);
}

/** Time goes by: what is due happens, in its order. */
async function wait(backstage: Backstage, turn: DialogueTurn, duration: string): Promise<Heard> {
  const { stage, waitingRoom, saver, own } = backstage;
  const heard = backstage.open(turn, '');
  const until = stage.clock.now + millisecondsOf(duration);
  for (let due = waitingRoom.nextDue(until); due !== undefined; due = waitingRoom.nextDue(until)) {
    stage.clock.now = Math.max(stage.clock.now, due.at);
    const at = backstage.at();
    const input: TurnInput =
      due.kind === 'check'
        ? { kind: 'check', id: due.timer, check: due.check, at }
        : finishedOf(due.waiting, { outcome: 'expired', decidedBy: [], at });
    if (due.kind === 'expiry') await saver.deleteThread(due.waiting.approvalThread);
    await backstage.take(input, due, heard);
  }
  stage.clock.now = until;
  return backstage.close(heard, own);
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
