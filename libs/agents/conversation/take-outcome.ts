import type { Json } from '#contract/canonical-json';
import type { Decided } from '#dialogue/flows/dialogue';
import { advanceDialogue } from './advance-dialogue.ts';
import { answerAsides } from './answer-asides.ts';
import { askPerson, builtIn, summaryOf } from './ask-person.ts';
import { reportFlag } from './consult-agents.ts';
import type { OpenTurn } from './open-turn.ts';
import type { PendingApproval, Purpose } from './pending-approval.ts';
import { untilOf } from './relay.ts';
import { quote, sayOutcome } from './say-outcome.ts';
import { soleSpeaker } from './sole-speaker.ts';
import { remember, takeMessage } from './take-message.ts';
import type { ActionFinishedInput } from './turn.ts';

/**
 * An approval has come to its end: whatever waited for it goes on. Of those that the conversation does not wait for any more,
 * no words for one that was cancelled, as the cancelling turn has said so, nor for what the desk asked its reviewers by
 * itself, as that is not the person's to read.
 */
export async function takeOutcome(turn: OpenTurn, input: ActionFinishedInput): Promise<void> {
  const ended = turn.pending.find(({ id }) => id === input.approval);
  turn.pending = turn.pending.filter(({ id }) => id !== input.approval);
  if (ended === undefined) {
    const isOfDesk = input.actions.some(({ name }) => builtInNames.has(name));
    if (input.outcome !== 'cancelled' && !isOfDesk) turn.texts.push(sayOutcome(input));
    return;
  }
  const { purpose } = ended;
  switch (purpose.kind) {
    case 'request':
      turn.texts.push(sayOutcome(input));
      return;
    case 'flow':
      return continueFlow(turn, input);
    case 'draft':
      return endReview(turn, input, ended, purpose);
    case 'hand_off':
      return endHandOff(turn, input);
    case 'procedure':
      return endProcedure(turn, input, purpose);
    case 'budget':
      return endBudget(turn, input, purpose);
    default:
      purpose satisfies never;
  }
}

const builtInNames: ReadonlySet<string> = new Set(Object.values(builtIn));

async function continueFlow(turn: OpenTurn, input: ActionFinishedInput): Promise<void> {
  turn.texts.push(sayOutcome(input));
  const { dialogue } = turn.desk;
  const advance = dialogue.decided(turn.situation.dialogue, input.approval, decidedBy(input));
  const { asides, completed } = await advanceDialogue(turn, advance);
  await answerAsides(turn, asides);
  await remember(turn, completed);
}

function decidedBy({ outcome, results: [first] = [], reason = '' }: ActionFinishedInput): Decided {
  switch (outcome) {
    case 'done':
      return { kind: 'ran', data: first?.data ?? null, text: first?.text ?? '' };
    case 'failed':
    case 'refused':
    case 'unknown':
      return { kind: 'failed', text: first?.text ?? reason };
    case 'rejected':
    case 'responded':
      return { kind: 'rejected', text: reason };
    case 'expired':
    case 'cancelled':
      return { kind: outcome };
    default:
      return outcome satisfies never;
  }
}

async function endReview(
  turn: OpenTurn,
  { outcome, actions, reason = '', approval }: ActionFinishedInput,
  ended: PendingApproval,
  { tasks, drafts = [], round }: Extract<Purpose, { kind: 'draft' }>,
): Promise<void> {
  const draft = textOf(ended.actions[0]?.args['text']);
  const tell = async (what: 'ok' | 'edited' | 'rejected') => {
    for (const { agent } of tasks) await reportFlag(turn, agent, what, approval);
  };
  // What the next reviewer, or whoever takes over, has to know.
  turn.said = tasks[0]?.request ?? '';
  switch (outcome) {
    case 'done': {
      const text = textOf(actions[0]?.args['text']);
      turn.speaker = soleSpeaker(
        turn,
        tasks.map(({ agent }) => agent),
      );
      turn.texts.push(text);
      if (text !== draft) await tell('edited');
      await askWhetherSolved(turn);
      return;
    }
    case 'responded':
      turn.texts.push(reason);
      await tell('edited');
      return;
    case 'rejected':
      await tell('rejected');
      if (tasks.length > 0 && round < turn.desk.playbook.policies.review.rounds) {
        turn.round = round + 1;
        const [first] = tasks;
        if (first !== undefined) turn.analysis = first.analysis;
        turn.findings = first?.findings ?? '';
        turn.tasks.push(
          ...tasks.map((task, index) => ({ ...task, rejected: { draft: drafts[index] ?? draft, reason } })),
        );
      } else {
        askPerson(turn, summaryOf(turn, `Drafts were rejected ${round} times, at last: "${reason}".`));
      }
      return;
    case 'expired':
      turn.texts.push('Nobody could look at my answer in time, so I have not sent it.');
      askPerson(turn, summaryOf(turn, 'A draft was not reviewed in time.'));
      return;
    case 'cancelled':
      return;
    case 'failed':
    case 'refused':
    case 'unknown':
      askPerson(turn, summaryOf(turn, 'A draft that was approved could not be sent.'));
      return;
    default:
      outcome satisfies never;
  }
}

/** A reviewed answer ends with the question whether it helped, where the playbook has a flow for it. */
async function askWhetherSolved(turn: OpenTurn): Promise<void> {
  const { dialogue } = turn.situation;
  if (!turn.desk.playbook.flows.has('feedback') || dialogue.stack.length > 0) return;
  await advanceDialogue(turn, turn.desk.dialogue.start(dialogue, 'feedback', {}, turn.id));
}

function endHandOff(
  turn: OpenTurn,
  { outcome, approval, decidedBy: by, reason = '' }: ActionFinishedInput,
): void {
  const [person = 'A colleague'] = by;
  switch (outcome) {
    case 'responded':
      turn.texts.push(`${person} answers:\n\n${quote(reason)}`);
      return;
    case 'done':
      turn.situation = { ...turn.situation, takeover: { approval, by: person, until: untilOf(turn) } };
      turn.texts.push(`${person} has taken over and writes to you here. I am silent until they hand back.`);
      turn.notices.push({
        name: 'taken',
        text: 'What you write in this thread goes to the user, and what they write comes here. Write "hand back" when you are done.',
        approval,
      });
      return;
    case 'rejected':
      turn.texts.push(
        ['No colleague takes this over.', reason && quote(reason)].filter(Boolean).join('\n\n'),
      );
      return;
    case 'cancelled':
      return;
    case 'expired':
    case 'failed':
    case 'refused':
    case 'unknown':
      turn.texts.push(`No colleague was free in time. ${turn.desk.playbook.human.trim()}`);
      return;
    default:
      outcome satisfies never;
  }
}

/** The reviewer's words are kept for the playbook's authors, and the agent works by them at once. */
async function endProcedure(
  turn: OpenTurn,
  { outcome, approval, decidedBy: [by = ''], reason = '', at }: ActionFinishedInput,
  { task }: Extract<Purpose, { kind: 'procedure' }>,
): Promise<void> {
  if (outcome === 'cancelled') return;
  turn.said = task.request;
  turn.analysis = task.analysis;
  if (outcome !== 'responded') {
    askPerson(turn, summaryOf(turn, 'There is no procedure for this, and nobody wrote one.'));
    return;
  }
  await turn.procedures.keep({
    id: approval,
    session: turn.session,
    topic: task.agent,
    request: task.request,
    text: reason,
    by,
    at,
  });
  turn.tasks.push({ ...task, procedure: reason });
}

async function endBudget(
  turn: OpenTurn,
  { outcome, reason = '' }: ActionFinishedInput,
  { message }: Extract<Purpose, { kind: 'budget' }>,
): Promise<void> {
  if (outcome === 'cancelled') return;
  if (outcome === 'done') {
    turn.said = message.text;
    return takeMessage(turn, message);
  }
  const why = reason === '' ? '' : `\n\n${quote(reason)}`;
  turn.texts.push(`The budget was not raised, so I cannot go on today. Please write again tomorrow.${why}`);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
