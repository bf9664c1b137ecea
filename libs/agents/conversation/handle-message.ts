import { describeActions } from '#agents/actions/describe-action';
import { explainProblems } from '#agents/tools/explain-problems';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import { type Action, approvalIdOf } from '#contract/approval';
import type { Answer } from '#models/answer';
import type { Message } from '#models/message';
import type { Intent } from '#models/understanding';
import type { PendingApproval } from './pending-approval.ts';
import { sayStatus } from './say-status.ts';
import type { MessageInput, Proposal, TurnOutput } from './turn.ts';

export interface MessageDeps {
  readonly answer: Answer;
  /** The tools that the playbook has switched on. */
  readonly tools: ToolRegistry;
  /** What the bot says to a greeting, Markdown. */
  readonly greeting: string;
  /** A message that asks for the tool as one would write it, where the playbook has one. */
  readonly exampleOf: (tool: string) => string | undefined;
}

export interface MessageTurn {
  readonly input: MessageInput;
  readonly thread: string;
  readonly intents: readonly Intent[];
  readonly history: readonly Message[];
  readonly pending: readonly PendingApproval[];
  readonly signal: AbortSignal;
  readonly onDraft: (text: string) => void;
}

/** The part of the conversation's state that a turn leaves behind. */
export interface Responded {
  readonly messages: Message[];
  readonly pending: PendingApproval[];
  readonly output: TurnOutput;
}

/** What the turn has come to so far, while its intents are worked off one by one. */
interface Progress {
  readonly texts: string[];
  readonly actions: Action[];
  pending: readonly PendingApproval[];
  readonly cancels: string[];
}

/** Works off what a message wants, in its order, and joins the parts to one reply. */
export async function handleMessage(turn: MessageTurn, deps: MessageDeps): Promise<Responded> {
  const progress: Progress = { texts: [], actions: [], pending: turn.pending, cancels: [] };
  for (const intent of turn.intents) await handleIntent(intent, progress, turn, deps);
  const proposals = toProposals(progress.actions, turn);
  if (progress.actions.length > 0) progress.texts.push(sayWaiting(progress.actions));
  if (progress.texts.length === 0) progress.texts.push(nothingReadable);
  const reply = progress.texts.join('\n\n');
  const waiting = proposals.map(({ approval, actions }) => ({
    id: approval,
    actions,
    since: turn.input.at,
  }));
  return {
    messages: [
      { role: 'user', text: turn.input.text },
      { role: 'assistant', text: reply },
    ],
    pending: [...progress.pending, ...waiting],
    output: {
      reply,
      proposals,
      cancels: progress.cancels,
      outcome: proposals.length > 0 ? 'waiting' : 'replied',
    },
  };
}

const nothingReadable = 'I can read text only, and found none in your message. Please write what you need.';

async function handleIntent(
  intent: Intent,
  progress: Progress,
  turn: MessageTurn,
  deps: MessageDeps,
): Promise<void> {
  const { texts } = progress;
  switch (intent.kind) {
    case 'question':
      texts.push(await answerQuestion(intent.text, texts, turn, deps));
      return;
    case 'request':
      propose(intent, progress, deps);
      return;
    case 'cancel':
      cancel(progress);
      return;
    case 'status':
      texts.push(sayStatus(progress.pending, turn.input.at));
      return;
    case 'greeting':
      texts.push(deps.greeting);
      return;
    case 'thanks':
      texts.push('You are welcome.');
      return;
    default:
      intent satisfies never;
  }
}

async function answerQuestion(
  question: string,
  before: readonly string[],
  { history, signal, onDraft }: MessageTurn,
  deps: MessageDeps,
): Promise<string> {
  const prefix = before.map((text) => `${text}\n\n`).join('');
  return deps.answer({ question, history, signal, onDraft: (text) => onDraft(`${prefix}${text}`) });
}

function propose(
  intent: Extract<Intent, { kind: 'request' }>,
  progress: Progress,
  { tools, exampleOf }: MessageDeps,
): void {
  const checked = tools.check(intent.tool, intent.args);
  if (!checked.ok) {
    progress.texts.push(explainProblems(checked, intent.tool, exampleOf(intent.tool)));
    return;
  }
  const { action } = checked;
  const isSame = ({ digest }: Action): boolean => digest === action.digest;
  if (progress.actions.some(isSame)) return;
  if (progress.pending.some(({ actions }) => actions.some(isSame))) {
    progress.texts.push(
      `${describeActions([action])} is waiting for a reviewer already; I do not ask twice.`,
    );
    return;
  }
  progress.actions.push(action);
}

function cancel(progress: Progress): void {
  const withdrawn = [...progress.pending.flatMap(({ actions }) => actions), ...progress.actions];
  progress.cancels.push(...progress.pending.map(({ id }) => id));
  progress.pending = [];
  progress.actions.length = 0;
  progress.texts.push(
    withdrawn.length === 0
      ? 'Nothing of yours is waiting for approval, so there is nothing to cancel.'
      : `Cancelled: ${describeActions(withdrawn)}. Nothing was run.`,
  );
}

/** One approval for each tool, because the policy, and with it the reviewers, are the tool's. */
function toProposals(actions: readonly Action[], { input, thread }: MessageTurn): Proposal[] {
  const byTool = Map.groupBy(actions, ({ name }) => name);
  return [...byTool.values()].map((ofTool, index) => ({
    approval: approvalIdOf(thread, input.eventId, `proposal:${index}`),
    actions: ofTool,
    reason: `${input.sender} asked for it`,
    context: input.text.slice(0, longestContext).toWellFormed(),
  }));
}

const longestContext = 2_000;

function sayWaiting(actions: readonly Action[]): string {
  return `I have asked a reviewer to approve ${describeActions(actions)}. I will answer here when it is decided; write "cancel" to withdraw it.`;
}
