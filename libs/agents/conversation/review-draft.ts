import type { DraftCheck } from '#agents/review/create-draft-check';
import type { AgentResult, AgentTask } from '#agents/specialists/agent';
import { actionOf } from '#contract/approval';
import { builtIn } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import { propose } from './propose.ts';

export type Drafted = Extract<AgentResult, { status: 'drafted' }>;

/** Shorter drafts are looked at with every word. */
const shortDraft = 2_000;
/** Longer ones when they have grown by so much: to read all of a long text for each word costs its square. */
const growth = 1.03;

/**
 * A draft is shown while it grows only as far as nobody would have to read it first. Whoever it is shown as speaks the
 * reply too, whatever it comes to: nobody else could edit what stands in the room.
 *
 * @returns what takes the whole draft so far, again and again.
 */
export function showDrafts(turn: OpenTurn, speaker: string | null): (draft: string) => void {
  let looked = 0;
  return (draft) => {
    if (draft.length > shortDraft && draft.length >= looked && draft.length < looked * growth) return;
    looked = draft.length;
    const checked = turn.desk.checkDraft(draft, [], turn.analysis);
    if (checked.reasons.length > 0) return;
    turn.speaker = speaker;
    turn.onDraft([...turn.texts, checked.text].join('\n\n'), speaker);
  };
}

/** Puts a draft to the reviewers, with the reasons why it is not just sent, and what it was made from. */
export function askForReview(
  turn: OpenTurn,
  tasks: readonly AgentTask[],
  drafted: readonly Drafted[],
  { text, reasons }: ReturnType<DraftCheck>,
): void {
  const summaries = drafted.map(({ agent, summary }) => `${agent}: ${summary}`);
  propose(turn, {
    actions: [actionOf(builtIn.sendReply, { text })],
    purpose: { kind: 'draft', tasks, drafts: drafted.map(({ draft }) => draft), round: turn.round },
    reason: reasons.join('; '),
    context: [turn.said, turn.findings, ...summaries].filter(Boolean).join('\n\n'),
    waits: 'A colleague reads my answer before you get it. This may take a moment.',
  });
}
