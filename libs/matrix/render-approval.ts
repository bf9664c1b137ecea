import { type Approval, approvalCodeOf, type DecisionKind } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';
import { parseSessionId } from '#contract/session-id';
import { htmlText } from './render-html-text.ts';
import type { RenderedText } from './render-message.ts';
import { visible } from './render-visible.ts';
import { shorten } from './shorten.ts';

export interface ApprovalText extends RenderedText {
  /** Characters of names and arguments that the prompt does not show. With any, risk `high` is not approved here. */
  readonly hiddenCharacters: number;
}

/** A line by itself, or what stands in a code block. */
interface Line {
  readonly text: string;
  readonly isCode?: boolean;
}

const actionCount = 20;
const nameLength = 100;
const noteLength = 1_000;
/** Shared by the arguments of all actions, so that a prompt stays far below the size of an event. */
const argumentsLength = 6_000;

/**
 * The question to the reviewers, built from the record alone. What comes from users or models (names, arguments,
 * reason, context) stays inside its own line, quoted or indented, with deceptive characters escaped and a cap on its
 * length, so that it can pass for no line of ours.
 *
 * @param options `isDecided` leaves out how to answer; `answerIn` is the admin room, where the text is not for it.
 */
export function renderApproval(
  approval: Approval,
  { answerIn, isDecided = false }: { answerIn?: string; isDecided?: boolean } = {},
): ApprovalText {
  const [head, rest] = [approval.actions.slice(0, actionCount), approval.actions.slice(actionCount)];
  const cap = Math.floor(argumentsLength / head.length);
  const shown = head.map((action) => ({
    name: shorten(toolName(action.name), nameLength),
    args: shorten(visible(canonicalJson(action.args)), cap),
    digest: action.digest.slice(0, 8),
  }));
  const hiddenCharacters =
    shown.reduce((sum, { name, args }) => sum + name.hidden + args.hidden, 0) +
    rest.reduce((sum, { name, args }) => sum + name.length + canonicalJson(args).length, 0);
  const actions = shown.flatMap(({ name, args, digest }, index): Line[] => [
    { text: `Action ${index + 1} of ${approval.actions.length}: ${name.text}, digest ${digest}` },
    { text: args.text, isCode: true },
  ]);
  const lines: Line[] = [
    { text: isDecided ? 'Approval' : 'Approval needed' },
    ...actions,
    ...(rest.length === 0 ? [] : [{ text: `Hidden: ${rest.length} more actions` }]),
    ...facts(approval).map((text) => ({ text })),
    ...(isDecided ? [] : [{ text: `Answer: ${howToAnswer(approval, hiddenCharacters, answerIn)}` }]),
  ];
  return { body: toBody(lines), html: toHtml(lines), hiddenCharacters };
}

function facts(approval: Approval): string[] {
  const { requester, reason, context, risk, requestedAt, expiresAt, policy } = approval;
  const session = parseSessionId(approval.session);
  const quoted = (text: string): string => shorten(visible(JSON.stringify(text)), noteLength).text;
  return [
    `Requested by: ${visible(requester)}`,
    `Room: ${visible(session?.room ?? 'unknown')}`,
    `Thread: ${session?.thread == null ? 'none' : visible(session.thread)}`,
    ...(reason.trim() === '' ? [] : [`Reason: ${quoted(reason)}`]),
    ...(context.trim() === '' ? [] : [`Context: ${quoted(context)}`]),
    `Risk: ${risk}`,
    ...(policy.quorum > 1 ? [`Reviewers needed: ${policy.quorum}`] : []),
    `Expires: ${utc(expiresAt)} (${duration(Date.parse(expiresAt) - Date.parse(requestedAt))} after the request)`,
    `Code: ${approvalCodeOf(approval.id)}`,
  ];
}

function howToAnswer(approval: Approval, hidden: number, answerIn: string | undefined): string {
  const { id, risk, decisions } = approval;
  const code = approvalCodeOf(id);
  const allowed = (kind: DecisionKind): boolean => decisions.includes(kind);
  if (answerIn !== undefined) return `in the admin room ${visible(answerIn)}, e.g. !vagent approve ${code}`;
  if (risk === 'high' && hidden > 0) {
    return `cannot be approved from here, since ${hidden} of its characters are hidden; use the operator console or npx vagent approvals. Reply "reject because …" to reject it`;
  }
  const words = [
    ...(allowed('approve') ? ['"approve"'] : []),
    ...(allowed('reject') ? ['"reject because …"'] : []),
    ...(allowed('edit') ? ['"edit {new arguments}"'] : []),
    ...(allowed('respond') ? ['any other text as an answer to the agent'] : []),
  ];
  const ways = [
    ...(seedsOf(approval).length > 0 ? [`react with ${seedsOf(approval).join(' or ')}`] : []),
    `reply here or in this thread: ${words.join(', ')}`,
    `type !vagent approve ${code}`,
  ];
  return ways.join('; ');
}

/** The reactions to offer: none where a slip of the finger would be too costly. */
export function seedsOf({ risk, decisions }: Pick<Approval, 'risk' | 'decisions'>): ('✅' | '❌')[] {
  if (risk === 'high') return [];
  return [
    ...(decisions.includes('approve') ? (['✅'] as const) : []),
    ...(decisions.includes('reject') ? (['❌'] as const) : []),
  ];
}

function toolName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : visible(JSON.stringify(name));
}

function toBody(lines: readonly Line[]): string {
  return lines.map(({ text, isCode }) => (isCode === true ? `    ${text}` : text)).join('\n');
}

function toHtml(lines: readonly Line[]): string {
  return lines
    .map(({ text, isCode }, index) => {
      if (isCode === true) return `<pre><code>${htmlText(text)}</code></pre>`;
      return index === 0 ? `<strong>${htmlText(text)}</strong><br>` : `${htmlText(text)}<br>`;
    })
    .join('\n');
}

function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes > 0 ? [`${minutes} min`] : []),
    ...(hours === 0 && minutes === 0 ? [`${seconds} s`] : []),
  ];
  return parts.join(' ');
}
