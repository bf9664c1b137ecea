import type { AgentTask } from '#agents/specialists/agent';
import type { Aside } from '#dialogue/flows/dialogue';
import { unknownTopic } from '#dialogue/understanding/understanding';
import { ModelError } from '#models/errors';
import { modelMeter, note, timed } from './account.ts';
import { askPerson, summaryOf } from './ask-person.ts';
import { isPlainQuestion } from './is-plain-question.ts';
import type { OpenTurn } from './open-turn.ts';
import { askForReview, showDrafts } from './review-draft.ts';
import { sayDesk } from './say-desk.ts';
import { hasUsableFiles } from './say-files.ts';
import { sayStatus } from './say-status.ts';
import { soleSpeaker } from './sole-speaker.ts';
import { withdraw } from './withdraw.ts';

/** Answers what a message wants beside its flows; what agents have to work at is put into `turn.tasks`. */
export async function answerAsides(turn: OpenTurn, asides: readonly Aside[]): Promise<void> {
  for (const aside of asides) await answerAside(turn, aside, asides.length === 1);
}

async function answerAside(turn: OpenTurn, aside: Aside, isOnly: boolean): Promise<void> {
  const { texts, desk } = turn;
  const name = aside.kind === 'digress' ? aside.digression : aside.kind;
  if (name !== 'question' && name !== 'agent') note(turn, { kind: 'aside', name }, 'done');
  switch (aside.kind) {
    case 'digress':
      if (aside.digression === 'help') texts.push(sayDesk(desk.playbook));
      else if (aside.digression === 'status') texts.push(sayStatus(turn.pending, turn.situation, turn.at));
      else await answerQuestion(turn, aside.text, aside.topics, isOnly);
      return;
    case 'agent':
      turn.tasks.push(taskFor(turn, aside.agent, aside.text));
      return;
    case 'hand_off':
      askPerson(turn, summaryOf(turn, 'They ask for a person.'));
      return;
    case 'cancel':
      texts.push(withdraw(turn));
      return;
    case 'clarify':
      texts.push(askWhich(turn, aside.options));
      return;
    case 'chat':
      texts.push(chat(turn, aside.tone));
      return;
    default:
      aside satisfies never;
  }
}

async function answerQuestion(
  turn: OpenTurn,
  question: string,
  topics: readonly string[],
  isOnly: boolean,
): Promise<void> {
  const { desk } = turn;
  const known = agentsFor(turn, topics);
  if (known.length === 0 && topics.length > 0 && !desk.knows(question) && !hasUsableFiles(desk, turn.files)) {
    askPerson(turn, summaryOf(turn, 'No agent is for this.'));
    return;
  }
  if (isPlainQuestion(turn, question, known)) {
    await answerPlainly(turn, question, known, isOnly);
    return;
  }
  if (known.length === 0) askPerson(turn, summaryOf(turn, 'It is sensitive, and no agent is for it.'));
  for (const topic of known) turn.tasks.push(taskFor(turn, topic, question));
}

/** Whoever is named answers what is for it, and what is for nobody in particular. */
function agentsFor({ toAgent }: OpenTurn, topics: readonly string[]): readonly string[] {
  const known = topics.filter((topic) => topic !== unknownTopic);
  if (toAgent === undefined) return known;
  return known.length === 0 || known.includes(toAgent) ? [toAgent] : known;
}

/** The short way: one question that knowledge answers, and nothing about it that a person should read first. */
export async function answerPlainly(
  turn: OpenTurn,
  question: string,
  topics: readonly string[],
  isOnly: boolean,
): Promise<void> {
  const { desk, history, files, signal } = turn;
  const speaker = isOnly ? soleSpeaker(turn, topics) : null;
  const onDraft = showDrafts(turn, speaker);
  const { onUsage } = modelMeter(turn);
  turn.account.route.push(...topics);
  let answer: string;
  try {
    answer = await timed(
      turn,
      { kind: 'aside', name: 'question' },
      () => desk.answer({ question, history, files, signal, onDraft, onUsage }),
      () => 'answered',
    );
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== 'garbage') throw error;
    askPerson(turn, summaryOf(turn, 'The model gave no answer that can be read.'));
    return;
  }
  // Without a model it is a quotation of what the playbook's authors wrote.
  turn.speaker = speaker;
  const checked = desk.usesModel ? desk.checkDraft(answer, [], turn.analysis) : { text: answer, reasons: [] };
  if (checked.reasons.length === 0) turn.texts.push(checked.text);
  else
    askForReview(
      turn,
      topics.map((topic) => taskFor(turn, topic, question)),
      [],
      checked,
    );
}

export function taskFor(turn: OpenTurn, agent: string, request: string): AgentTask {
  const { analysis, findings } = turn;
  const id = `${turn.id}/${turn.tasks.length}`;
  return {
    id,
    agent,
    request,
    requester: turn.subject.user,
    analysis,
    findings,
    rejected: null,
    procedure: null,
  };
}

export function askWhich({ desk: { playbook } }: OpenTurn, options: readonly string[]): string {
  const described = options.flatMap((id) => {
    const description = playbook.flows.get(id)?.description ?? playbook.agents.get(id)?.description;
    return description === undefined ? [] : [`- ${description}`];
  });
  if (described.length === 0)
    return 'I am not sure what you need. Please tell me in a sentence or two, or write "help".';
  return `I am not sure what you need. Is it one of these?\n\n${described.join('\n')}\n\nPlease say it in a few more words.`;
}

function chat({ desk: { playbook }, situation }: OpenTurn, tone: 'greeting' | 'thanks' | 'other'): string {
  switch (tone) {
    case 'greeting':
      return playbook.greeting.trim();
    case 'thanks':
      return 'You are welcome.';
    case 'other':
      return situation.dialogue.stack.length > 0
        ? 'Let us finish this first.'
        : `I am better at helping than at chatting. ${playbook.greeting.trim()}`;
    default:
      return tone satisfies never;
  }
}
