import { approvalCodeOf } from '#contract/approval';
import { parseSessionId } from '#contract/session-id';
import type { TurnRecord } from '#contract/turn-record';
import type { Evidence } from './gather-evidence.ts';
import { inWords } from './in-words.ts';
import type { StoryLine } from './story.ts';
import { tellAsked, tellDecided, tellWithdrawn } from './tell-approvals.ts';
import { tellFate } from './tell-fate.ts';
import { tellSteps, tellUnderstood } from './tell-work.ts';

/** The story in order: turn by turn, each with what it asked for and what came of it. */
export function tellLines(evidence: Evidence): StoryLine[] {
  const { turns, fate, turn } = evidence;
  const told = turns.flatMap((one) => tellTurn(evidence, one));
  const open = evidence.approvals.filter(({ status }) => status === 'pending');
  const waits = open.map(
    (one): StoryLine => ({
      at: null,
      kind: 'waiting',
      text: `Approval ${approvalCodeOf(one.id)} waits for a reviewer`,
      details: [
        `${one.decided.length} of ${one.policy.quorum} approvals; expires ${one.expiresAt.slice(0, 16).replace('T', ' ')} UTC`,
      ],
    }),
  );
  return [...told, ...(turn === null && fate !== null ? tellFate(evidence, fate) : []), ...waits];
}

function tellTurn(evidence: Evidence, turn: TurnRecord): StoryLine[] {
  return [
    tellBeginning(evidence, turn),
    ...tellReplays(evidence, turn),
    ...tellAttempts(turn),
    ...tellDecided(evidence, turn),
    ...tellUnderstood(turn),
    ...tellSteps(turn),
    ...tellAsked(evidence, turn),
    ...tellWithdrawn(evidence, turn),
    ...tellCost(turn),
    ...tellEnd(evidence, turn),
  ];
}

const causes: Readonly<Record<string, string>> = {
  'message.received': 'A message was received',
  'approval.decided': 'A decision was received',
  'approval.expired': 'The time for a decision was over',
  'timer.fired': 'A check after the run was due',
  'feedback.given': 'Feedback was given by a button',
  'session.reset': 'The conversation was reset',
  'session.closed': 'Its room was closed',
};

function tellBeginning({ subject }: Evidence, turn: TurnRecord): StoryLine {
  const place = parseSessionId(turn.session);
  const isMessage = turn.cause === 'message.received';
  const from = isMessage && place !== undefined ? ` from ${place.user}` : '';
  const thread = place?.thread == null ? '' : `, thread ${place.thread}`;
  const waited = Math.max(0, Date.parse(turn.startedAt) - Date.parse(turn.appendedAt));
  return {
    at: turn.appendedAt,
    kind: 'received',
    text: `${causes[turn.cause] ?? turn.cause}${from}${turn.turn === subject.event ? ' (asked about)' : ''}`,
    details: [
      turn.turn,
      ...(place === undefined || !isMessage ? [] : [`room ${place.room}${thread}`]),
      `waited ${inWords(waited)} in partition ${turn.partition}, entry ${turn.entry}`,
    ],
  };
}

function tellReplays({ audit }: Evidence, { turn }: TurnRecord): StoryLine[] {
  return audit
    .filter((line) => line['type'] === 'dead.replayed' && line['fact'] === turn)
    .map((line) => ({
      at: line['written'] ?? null,
      kind: 'failed',
      text: `It had been given up, and was replayed by ${line['by']}`,
      details: [`given up because: ${line['reason']}`],
    }));
}

function tellAttempts({
  attempt,
  worker,
  epoch,
  startedAt,
  tookMs,
  playbook,
  graph,
}: TurnRecord): StoryLine[] {
  const before = attempt - 1;
  const failed: StoryLine = {
    at: null,
    kind: 'failed',
    text: `${before === 1 ? 'One attempt' : `${before} attempts`} before it did not end: an error, or the worker died`,
    details: ['nothing of them was written; tools were called again under the same idempotency keys'],
  };
  const work: StoryLine = {
    at: startedAt,
    kind: 'turn',
    text: `Worked on for ${inWords(tookMs)}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
    details: [
      `worker ${worker}, epoch ${epoch}`,
      ...(playbook === '' ? [] : [`playbook ${playbook.slice(0, 12)}, graph ${graph}`]),
    ],
  };
  return attempt > 1 ? [failed, work] : [work];
}

function tellCost({ usage, cost }: TurnRecord): StoryLine[] {
  if (usage.length === 0) return [];
  const sum = (of: 'inputTokens' | 'outputTokens'): number =>
    usage.reduce((total, one) => total + one[of], 0);
  const models = [...new Set(usage.map(({ model }) => model))].join(', ');
  const calls = usage.length === 1 ? '1 call' : `${usage.length} calls`;
  return [
    {
      at: null,
      kind: 'cost',
      text: `${sum('inputTokens')} tokens in, ${sum('outputTokens')} out: ${cost.toFixed(cost < 0.01 ? 6 : 4)}`,
      details: [`${calls} of ${models}`],
    },
  ];
}

const outcomes: Readonly<Record<string, string>> = {
  waiting: 'The person was told that it waits for a reviewer',
  no_reply: 'There was nothing to say',
  undecryptable: 'It could not be decrypted; its sender was told a while ago',
  interrupted: 'A newer message came in between: it was broken off, and is answered together with that one',
  rolled_back: 'A newer message came in between: it was broken off as if it had not been written',
  rejected: 'It came while an earlier message was worked on, and was not taken',
  redacted: 'It was redacted: nothing was said, and what was kept of it is erased',
  too_late: 'It came when the answer had begun, and the person had been told so before',
  passed_on: "The reviewer's words were passed on",
  checked: 'It has held',
  refused: 'The decision did not count',
  already_decided: 'It was decided already',
  progress: 'It counts, and more are needed',
  unknown: 'The approval is not known (any more)',
  reset: 'Everything of the conversation was forgotten',
};

/** What the room got to see. */
function tellEnd({ postings, isOverHttp }: Evidence, { replies, outcome }: TurnRecord): StoryLine[] {
  if (replies.length === 0) {
    return [{ at: null, kind: 'posted', text: outcomes[outcome] ?? `It ended: ${outcome}`, details: [] }];
  }
  return replies.map((reply): StoryLine => {
    const posting = postings.get(reply);
    if (posting !== undefined) {
      const at = posting.at === '' ? null : posting.at;
      return { at, kind: 'posted', text: 'The reply was posted', details: [posting.event] };
    }
    const text = isOverHttp
      ? 'The reply was given to whoever reads over HTTP'
      : 'The reply waits to be posted';
    return { at: null, kind: isOverHttp ? 'posted' : 'waiting', text, details: [] };
  });
}
