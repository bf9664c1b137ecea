import { approvalCodeOf } from '#contract/approval';
import type { TurnRecord } from '#contract/turn-record';
import type { Evidence } from './gather-evidence.ts';
import type { StoryLine } from './story.ts';

/** Who was asked for what, in this turn. */
export function tellAsked({ approvals, postings }: Evidence, turn: TurnRecord): StoryLine[] {
  return turn.approvals.map(({ id, actions }): StoryLine => {
    const record = approvals.find((one) => one.id === id);
    const posting = postings.get(id);
    const what = `Reviewers were asked for ${actions.join(', ')} (code ${approvalCodeOf(id)})`;
    if (record === undefined) return { at: null, kind: 'asked', text: what, details: [id] };
    const { policy, risk, reason } = record;
    const needed = policy.quorum === 1 ? 'one of' : `${policy.quorum} of`;
    return {
      at: record.requestedAt,
      kind: 'asked',
      text: what,
      details: [
        `risk ${risk}; ${reason}`,
        `${needed} ${policy.reviewers.join(', ') || 'nobody: it can never be approved'}`,
        `until ${record.expiresAt.slice(0, 16).replace('T', ' ')} UTC`,
        ...(posting === undefined
          ? ['the prompt is not in the admin room yet']
          : [`prompt ${posting.event}`]),
      ],
    };
  });
}

export function tellWithdrawn({ audit }: Evidence, { cancelled }: TurnRecord): StoryLine[] {
  return cancelled.map((id) => ({
    at: null,
    kind: 'decided',
    text: `The person withdrew approval ${approvalCodeOf(id)}: ${whatWasRun(audit, id)}`,
    details: [],
  }));
}

/** A turn may have begun an action and failed before its decision was settled. */
function whatWasRun(audit: Evidence['audit'], approval: string): string {
  const isBegun = audit.some((line) => line['approval'] === approval && line['type'] === 'permit.started');
  return isBegun ? 'an action had been begun before, and may have run' : 'nothing was run';
}

/** What the audit says of the decision that this turn handled, and of what it allowed. */
export function tellDecided({ audit }: Evidence, { turn, about }: TurnRecord): StoryLine[] {
  if (about === undefined) return [];
  const told = audit
    .filter((line) => line['approval'] === about && (line['cause'] === turn || line['turn'] === turn))
    .flatMap((line): StoryLine[] => {
      const said = tellLine(line, whatWasRun(audit, about));
      return said === undefined ? [] : [{ at: line['at'] ?? line['written'] ?? null, ...said }];
    });
  // The permit is written before it is used, the decision with everything else.
  return [...told.filter(({ kind }) => kind !== 'ran'), ...told.filter(({ kind }) => kind === 'ran')];
}

const verbs: Readonly<Record<string, string>> = {
  approve: 'approved',
  edit: 'edited and approved',
  reject: 'rejected',
  respond: 'answered instead of deciding',
};

/** As many signs of a digest as a prompt shows. */
const shownDigest = 8;

function shortDigests(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, shownDigest));
}

function tellLine(line: Readonly<Record<string, string>>, wasRun: string): Omit<StoryLine, 'at'> | undefined {
  const code = approvalCodeOf(line['approval'] ?? '');
  const how = `by ${line['via']}`;
  const did = verbs[line['decision'] ?? ''] ?? line['decision'];
  switch (line['type']) {
    case 'decision.counted':
      return {
        kind: 'decided',
        text: `${line['by']} ${did} ${code}`,
        details: [how, `for ${shortDigests(line['actions'] ?? '')}`],
      };
    case 'decision.progress':
      return { kind: 'decided', text: `${line['by']} ${did} ${code}, and more are needed`, details: [how] };
    case 'decision.refused':
    case 'decision.already_decided':
    case 'decision.unknown':
      return {
        kind: 'failed',
        text: `What ${line['by']} decided about ${code} did not count`,
        details: [how, line['text'] ?? ''],
      };
    case 'permit.started':
      return {
        kind: 'ran',
        text: `The permit for action ${Number(line['action']) + 1} of ${code} was used`,
        details: [`digest ${line['digest']?.slice(0, shownDigest)}`],
      };
    case 'approval.resolved':
      return line['status'] === 'expired'
        ? { kind: 'failed', text: `Nobody decided about ${code} in time: ${wasRun}`, details: [] }
        : undefined;
    default:
      return undefined;
  }
}
