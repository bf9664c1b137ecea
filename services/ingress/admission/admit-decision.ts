import type { MatrixRequest } from '#matrix/matrix-client';
import { parseCommand } from '#matrix/parse-command';
import { type ParsedDecision, parseDecision } from '#matrix/parse-decision';
import { parseReaction } from '#matrix/parse-reaction';
import { powerLevelOf } from '#matrix/power-level-of';
import type { DecodedEvent } from '#matrix/room-event';
import { newTrace } from '#runtime/trace';
import { answerWhy, type WhyDeps } from './answer-why.ts';
import { answeredIds, type FindPromptDeps, findPrompt, type Prompt } from './find-prompt.ts';
import type { RoomPolicy } from './room-policy.ts';
import { ignore, type Verdict } from './verdict.ts';

export interface AdmitDecisionDeps extends WhyDeps, FindPromptDeps {
  readonly request: MatrixRequest;
  readonly policy: Pick<RoomPolicy, 'decisions'>;
  readonly findApprovalByCode: (code: string) => Promise<Prompt | undefined>;
}

type Message = Extract<DecodedEvent, { kind: 'message' }>;
type Reaction = Extract<DecodedEvent, { kind: 'reaction' }>;

const usage =
  'Not understood. The commands are: !vagent approve CODE, !vagent reject CODE [because REASON], !vagent edit CODE {"argument": "value"}, !vagent respond CODE TEXT, !vagent why [EVENT]. Nothing was decided.';

const unproven =
  'Not counted: here only a command with the code counts, e.g. !vagent approve CODE, encrypted, from a session that you have verified. Reactions are never encrypted, nor is what a reply answers. Nothing was decided.';

/** A reaction: a decision where it is ✅ or ❌ on a prompt. */
export async function admitReaction(deps: AdmitDecisionDeps, event: Reaction): Promise<Verdict> {
  const decision = parseReaction(event.key);
  if (decision === undefined) return ignore('reaction');
  const prompt = await findPrompt(deps, event.room, [event.target]);
  if (prompt === undefined) return ignore('not_a_prompt');
  return decided(deps, event, prompt, 'reaction', { decision, text: null, edit: null });
}

/** A message that may answer a prompt; undefined where it answers none. */
export async function admitAnswer(deps: AdmitDecisionDeps, event: Message): Promise<Verdict | undefined> {
  const ids = answeredIds(event);
  const prompt = ids.length === 0 ? undefined : await findPrompt(deps, event.room, ids);
  if (prompt === undefined) return undefined;
  const parsed = event.msgtype === 'm.text' ? parseDecision(event.text) : undefined;
  if (parsed === undefined) return ignore('msgtype');
  return decided(deps, event, prompt, 'reply', parsed);
}

/** A message in the admin room, which is a command, an answer to a prompt, or talk among people. */
export async function admitAdminMessage(deps: AdmitDecisionDeps, event: Message): Promise<Verdict> {
  if (event.msgtype !== 'm.text') return ignore('admin_chatter');
  const command = parseCommand(event.text);
  if (command === undefined) return (await admitAnswer(deps, event)) ?? ignore('admin_chatter');
  if (!command.ok) return { act: 'answer', text: usage };
  if (command.command === 'why') return answerWhy(deps, event, command.about);
  const { code, decision } = command;
  const prompt = await deps.findApprovalByCode(code);
  if (prompt !== undefined) return decided(deps, event, prompt, 'command', decision);
  return {
    act: 'answer',
    text: `No approval waits under the code ${code}: it ended long ago, or the code is another one. Nothing was decided.`,
  };
}

async function decided(
  deps: AdmitDecisionDeps,
  event: Message | Reaction,
  { approval, session }: Prompt,
  via: 'reaction' | 'reply' | 'command',
  { decision, text, edit }: ParsedDecision,
): Promise<Verdict> {
  // Whoever runs the homeserver can write clear text, of which relations are a part, and add a device to any account.
  const isProven = via === 'command' && event.isSigned;
  if (deps.policy.decisions === 'signed' && !isProven) return { act: 'answer', text: unproven };
  const { room, eventId, sender: by, at } = event;
  const powerLevel = await powerLevelOf(deps.request, room, by);
  const body = { approval, decision, by, at, via, eventId, room, powerLevel, text, edit };
  const entry = { type: 'approval.decided', id: eventId, session, at: new Date().toISOString() } as const;
  return { act: 'publish', entry: { ...entry, trace: newTrace(), body } };
}
