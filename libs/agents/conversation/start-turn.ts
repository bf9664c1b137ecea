import { parseSessionId } from '#contract/session-id';
import { emptyDialogue } from '#dialogue/flows/dialogue-state';
import { dialogueState } from '#dialogue/flows/dialogue-state-schema';
import type { Message } from '#models/message';
import { openAccount } from './account.ts';
import type { Desk, Desks } from './desk.ts';
import { calm, type OpenTurn } from './open-turn.ts';
import type { PendingApproval } from './pending-approval.ts';
import type { Procedures } from './procedures.ts';
import { withFileNames } from './say-files.ts';
import type { Situation } from './situation.ts';
import type { TurnInput } from './turn.ts';

export interface ConversationDeps {
  readonly desks: Desks;
  readonly procedures: Procedures;
}

interface Started {
  readonly input: TurnInput;
  readonly thread: string;
  readonly signal: AbortSignal;
  readonly onDraft: (text: string, agent: string | null) => void;
}

interface Before {
  readonly messages: readonly Message[];
  readonly pending: readonly PendingApproval[];
  readonly situation: Situation;
}

/** Opens a turn on the playbook that the session began with, with what is remembered where it begins. */
export async function startTurn(
  { input, thread, signal, onDraft }: Started,
  { messages, pending, situation }: Before,
  { desks, procedures }: ConversationDeps,
): Promise<OpenTurn> {
  const account = openAccount();
  const { room = '', user = '' } = parseSessionId(thread) ?? {};
  const subject = { user, organisation: user.slice(user.indexOf(':') + 1) };
  const found = await deskFor(situation, desks);
  const desk = found ?? desks.current();
  const isFirst = messages.length === 0 && input.kind === 'message';
  const memories = isFirst ? await desk.memory.recall(subject) : situation.memories;
  const files = input.kind === 'message' ? (input.files ?? []) : [];
  const heard = input.kind === 'message' ? withFileNames(input.text, files) : '';
  const turn: OpenTurn = {
    id: idOf(input),
    session: thread,
    spender: { user, room },
    subject,
    at: input.at,
    desk,
    procedures,
    signal,
    onDraft,
    history: messages,
    files,
    heard,
    said: heard,
    toAgent: input.kind === 'message' ? rosterIdOf(input.toAgent, desk) : undefined,
    analysis: calm,
    findings: '',
    situation: memories.length === situation.memories.length ? situation : { ...situation, memories },
    pending: pending.every(hasPurpose) ? pending : pending.map(withPurpose),
    tasks: [],
    round: 1,
    solved: null,
    speaker: null,
    texts: [],
    waits: [],
    proposals: [],
    cancels: [],
    notices: [],
    later: [],
    usage: [],
    account,
    steps: 0,
  };
  if (found === undefined) beginAnew(turn);
  return turn;
}

function rosterIdOf(agent: string | undefined, { playbook }: Desk): string | undefined {
  return agent !== undefined && playbook.agents.has(agent) ? agent : undefined;
}

/** Approvals of a conversation that was saved before they had purposes were all asked for by the person. */
function withPurpose(one: PendingApproval): PendingApproval {
  return hasPurpose(one) ? one : { ...one, purpose: { kind: 'request' } };
}

function hasPurpose({ purpose }: Partial<PendingApproval>): boolean {
  return purpose !== undefined;
}

/** Undefined where the playbook is lost, or the state of its flows is not what it should be. */
async function deskFor({ version, dialogue: state }: Situation, desks: Desks): Promise<Desk | undefined> {
  const isOpen = state.stack.length + state.parked.length > 0;
  if (isOpen && !dialogueState.safeParse(state).success) return undefined;
  const current = desks.current();
  return version === null || version === current.playbook.version ? current : desks.find(version);
}

/** Flows of a playbook that nobody has any more cannot go on: said, never guessed at. */
function beginAnew(turn: OpenTurn): void {
  const flows = [...turn.situation.dialogue.stack, ...turn.situation.dialogue.parked].map(({ flow }) => flow);
  const { version } = turn.situation;
  turn.situation = { ...turn.situation, dialogue: emptyDialogue };
  if (flows.length > 0) {
    turn.texts.push('What we had begun has changed in the meantime, so I have to ask you to start it again.');
  }
  const text = `${turn.session} began with playbook ${version?.slice(0, 12)}, which is lost. Ended there: ${flows.join(', ') || 'nothing'}.`;
  turn.notices.push({ name: 'version', text, approval: null });
}

/** Counts what the turn cost; nothing is asked of Redis where it cost nothing. */
export async function spendTurn({ desk, spender, session, id, usage, steps }: OpenTurn): Promise<void> {
  if (usage.length === 0 && steps === 0) return;
  await desk.budgets.spend(spender, `${session}:${id}`, { usage, steps: steps + usage.length });
}

function idOf(input: TurnInput): string {
  switch (input.kind) {
    case 'message':
      return input.eventId;
    case 'action_finished':
      return `ended:${input.approval}`;
    case 'check':
    case 'person':
    case 'feedback':
      return input.id;
    default:
      return input satisfies never;
  }
}
