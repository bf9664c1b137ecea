import type { AgentRun } from '#agents/specialists/agent';
import { actionOf } from '#contract/approval';
import { modelMeter, note, noteUnderstood, timed } from './account.ts';
import { advanceDialogue } from './advance-dialogue.ts';
import { answerAsides, answerPlainly, askWhich } from './answer-asides.ts';
import { builtIn } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import { propose } from './propose.ts';
import { relayToPerson } from './relay.ts';
import { requestActions } from './request-actions.ts';
import { filesForgotten, hasUsableFiles, sayUnreadFiles } from './say-files.ts';
import type { MessageInput } from './turn.ts';
import { useTool } from './use-tool.ts';

/** A person wrote: understand it, let the flows and asides do what it wants. */
export async function takeMessage(turn: OpenTurn, input: MessageInput): Promise<void> {
  if (relayToPerson(turn, input)) return;
  const { desk, situation, files } = turn;
  const unread = sayUnreadFiles(desk, files);
  const isWordless = input.text.trim() === '';
  if (isWordless && !hasUsableFiles(desk, files)) {
    turn.texts.push(`${unread ?? nothingToRead} Please write what you need.`);
    return;
  }
  if (await isOverBudget(turn, input)) return;
  if (isWordless) {
    await answerPlainly(turn, '', [], true);
    askAgain(turn, true);
    if (unread !== undefined) turn.texts.push(unread);
    return;
  }
  const { onUsage } = modelMeter(turn);
  const heard = {
    text: input.text,
    context: desk.dialogue.contextOf(situation.dialogue, turn.pending.length),
    history: turn.history,
    signal: turn.signal,
    onUsage,
  };
  const about = { kind: 'understand', name: 'message' } as const;
  const understood = await timed(
    turn,
    about,
    () => desk.understand(heard),
    () => 'done',
  );
  noteUnderstood(turn, understood);
  turn.analysis = understood.analysis;
  turn.situation = { ...situation, topics: newestTopics(understood.analysis.topics, situation.topics) };
  await secure(turn, input);
  const commands = desk.dialogue.take(turn.situation.dialogue, understood.commands, turn.id);
  const { asides, completed } = await advanceDialogue(turn, commands);
  await answerAsides(turn, asides);
  const isLeaving = asides.some(({ kind }) => kind === 'hand_off');
  askAgain(turn, asides.length > 0 && !isLeaving);
  await remember(turn, completed);
  await reportPattern(turn);
  // Nobody is left without an answer, whatever was understood.
  if (turn.texts.length + turn.waits.length + turn.tasks.length === 0) turn.texts.push(askWhich(turn, []));
  if (unread !== undefined) turn.texts.push(unread);
}

const nothingToRead = 'I can read text only, and found none in your message.';

/** Only models cost what a budget is about; without one nothing is asked, nor counted but the calls of tools. */
async function isOverBudget(turn: OpenTurn, message: MessageInput): Promise<boolean> {
  if (!turn.desk.usesModel) return false;
  const exhausted = await turn.desk.budgets.exhausted(turn.spender);
  if (exhausted === undefined) return false;
  const { scope, who, what, limit, spent } = exhausted;
  note(turn, { kind: 'review', name: builtIn.raiseBudget }, 'needs_review', `${what} of the ${scope}`);
  if (turn.pending.some(({ purpose }) => purpose.kind === 'budget')) {
    turn.texts.push('The budget for today is used up. A colleague has been asked to raise it already.');
    return true;
  }
  propose(turn, {
    actions: [actionOf(builtIn.raiseBudget, { scope, who, what })],
    purpose: { kind: 'budget', message: withoutFiles(message) },
    reason: `The daily budget of this ${scope} is used up: ${spent} of ${limit} (${what})`,
    context: turn.said,
    decisions: ['approve', 'reject'],
    waits: 'The budget for today is used up. I have asked a colleague to raise it, and go on when they do.',
  });
  return true;
}

function withoutFiles({ files = [], ...message }: MessageInput): MessageInput {
  return files.length === 0 ? message : { ...message, files: filesForgotten(files) };
}

/** Where something is at risk, what can be found out and contained is done before anything else. */
async function secure(turn: OpenTurn, { text, sender }: MessageInput): Promise<void> {
  const { analysis, desk, signal } = turn;
  if (analysis.sensitivity.riskCategory === 'none') return;
  const callTool: AgentRun['callTool'] = (name, args, key) =>
    useTool(turn, { name, args, key: `security:${key}`, allowed: undefined });
  const { markdown, actions } = await timed(
    turn,
    { kind: 'security', name: analysis.sensitivity.riskCategory },
    () => desk.secure(text, analysis, { sender, signal, callTool }),
    ({ isCautious }) => (isCautious ? 'cautious' : 'done'),
  );
  turn.findings = markdown;
  if (actions.length > 0) requestActions(turn, actions);
}

/** After something in between, the question that was open is asked again, unless it was just asked. */
export function askAgain(turn: OpenTurn, wasInterrupted: boolean): void {
  const question = turn.desk.dialogue.question(turn.situation.dialogue);
  if (wasInterrupted && question !== undefined && turn.texts.at(-1) !== question) turn.texts.push(question);
}

const mostTopics = 8;

function newestTopics(now: readonly string[], before: readonly string[]): readonly string[] {
  if (now.every((topic, index) => before[index] === topic)) return before;
  return [...new Set([...now, ...before])].slice(0, mostTopics);
}

/** What a conversation came to is remembered when its last flow has ended. */
export async function remember(turn: OpenTurn, completed: readonly string[]): Promise<void> {
  const { situation, analysis, subject, desk, at } = turn;
  if (completed.length === 0 || situation.dialogue.stack.length > 0) return;
  const outcome = turn.solved === null ? 'unknown' : turn.solved ? 'solved' : 'unsolved';
  const summary = `They went through ${completed.map((flow) => flow.replaceAll('_', ' ')).join(', ')}.`;
  const topics = [...situation.topics];
  await desk.memory.remember(subject, { id: turn.id, topics, summary, outcome, tone: analysis.tone, at });
}

/** The same trouble of several people of one organisation is told to the admin room. */
async function reportPattern(turn: OpenTurn): Promise<void> {
  const { analysis, desk, subject } = turn;
  const isTrouble =
    analysis.urgency === 'high' || analysis.urgency === 'critical' || analysis.tone !== 'neutral';
  if (!isTrouble || analysis.tone === 'positive') return;
  for (const topic of analysis.topics) {
    const people = await desk.memory.report(subject, topic, turn.id);
    if (people === null) continue;
    const text = `${people} people of ${subject.organisation} report trouble with ${topic}: the last one wrote "${turn.said.slice(0, 200).toWellFormed()}"`;
    turn.notices.push({ name: `pattern-${topic}`, text, approval: null });
  }
}
