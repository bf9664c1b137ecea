import { type Approval, approval as approvalSchema } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';
import { partitionOf } from '#contract/partition-of';
import { parseSessionId } from '#contract/session-id';
import type { AppliedAction, CheckedSystem, Expected } from './rooms-checker-input.ts';
import { relationOf, type Said, type SeenRoom } from './system-timeline.ts';

const allowing = ['approved', 'edited'];

/** I4, I5 and what the rooms must show of approvals and of every decision. */
export async function checkApprovals(
  system: CheckedSystem,
  rooms: readonly SeenRoom[],
  { applied }: Expected,
): Promise<string[]> {
  const admin = rooms.find(({ kind }) => kind === 'admin');
  if (admin === undefined) return [];
  const prompts = admin.said.filter(
    ({ vagent, edits, event }) =>
      vagent.kind === 'approval' && edits === undefined && event.type === 'm.room.message',
  );
  const records = new Map<string, Approval>();
  for (const { vagent } of prompts) {
    const found = await readRecord(system, vagent.session, vagent.approval ?? '');
    if (found !== undefined) records.set(found.id, found);
  }
  return [
    ...prompts.flatMap((prompt) => checkPrompt(admin, rooms, prompt, records)),
    ...checkDecisions(system, admin, prompts, wordsOfTakeovers(rooms, prompts, records)),
    ...checkEffects(system, admin, records, applied?.() ?? []),
  ];
}

/** The record of an approval, as Redis has it. */
export async function readRecord(
  {
    redis,
    keys,
    partitions,
    openBody = (plain) => plain,
  }: Pick<CheckedSystem, 'redis' | 'keys' | 'partitions' | 'openBody'>,
  session: string,
  id: string,
): Promise<Approval | undefined> {
  const sealed = await redis.hget(keys.approval(partitionOf(session, partitions), id), 'record');
  return sealed === null ? undefined : approvalSchema.parse(JSON.parse(openBody(sealed)));
}

/** A decided approval shows one outcome in its prompt and one result in the conversation; a waiting one none. */
function checkPrompt(
  admin: SeenRoom,
  rooms: readonly SeenRoom[],
  prompt: Said,
  records: ReadonlyMap<string, Approval>,
): string[] {
  const id = prompt.vagent.approval ?? '';
  const found = records.get(id);
  if (found === undefined) return [`I5 the prompt ${prompt.event.event_id} has no record ${id}`];
  const outcomes = admin.said.filter(({ edits }) => edits === prompt.event.event_id);
  const isOpen = found.status === 'pending';
  if (outcomes.length !== (isOpen ? 0 : 1)) {
    return [`I1 approval ${id} is ${found.status} and its prompt shows ${outcomes.length} outcomes`];
  }
  const [outcome] = outcomes;
  if (outcome === undefined) return [];
  const session = parseSessionId(found.session);
  const room = rooms.find(({ roomId }) => roomId === session?.room);
  const results = (room?.said ?? []).filter(
    ({ vagent, edits }) =>
      edits === undefined &&
      vagent.part === 0 &&
      vagent.turn === outcome.vagent.turn &&
      vagent.session === found.session,
  );
  if (results.length === 1) return [];
  return [`I1 approval ${id} is ${found.status} and ${results.length} results stand in its conversation`];
}

/** What the people who have taken a conversation over wrote, and was shown in it or answered by a notice. */
function wordsOfTakeovers(
  rooms: readonly SeenRoom[],
  prompts: readonly Said[],
  records: ReadonlyMap<string, Approval>,
): ReadonlySet<string> {
  const taken = prompts.flatMap(({ vagent }) => {
    const found = records.get(vagent.approval ?? '');
    const isTaken = found?.status === 'approved' && found.actions.every(({ name }) => name === 'hand_off');
    return isTaken ? [found.session] : [];
  });
  const shown = rooms.flatMap(({ kind, said }) =>
    said.filter(({ vagent }) => kind !== 'admin' || vagent.kind === 'status'),
  );
  return new Set(
    shown.filter(({ vagent }) => taken.includes(vagent.session)).map(({ vagent }) => vagent.turn),
  );
}

/** Every decision that still stands was answered exactly once in the admin room, or passed on as words. */
function checkDecisions(
  system: CheckedSystem,
  admin: SeenRoom,
  prompts: readonly Said[],
  words: ReadonlySet<string>,
): string[] {
  const isPrompt = new Set(prompts.map(({ event }) => event.event_id));
  const decisions = admin.events.filter((event) => {
    if (event.sender === system.botId || event.state_key !== undefined) return false;
    const { annotates, key, replyTo, thread, replaces } = relationOf(event);
    if (replaces !== undefined) return false;
    if (annotates !== undefined) return isPrompt.has(annotates) && ['✅', '❌'].includes(key ?? '');
    const isAnswer = isPrompt.has(replyTo ?? '') || isPrompt.has(thread ?? '');
    return isAnswer && event.type === 'm.room.message' && !isCommand(event.content['body']);
  });
  return decisions.flatMap(({ event_id }) => {
    const told = admin.said.filter(({ vagent }) => vagent.turn === event_id && vagent.kind === 'outcome');
    if (told.length === 1 || (told.length === 0 && words.has(event_id))) return [];
    return [`I1 the decision ${event_id} was answered ${told.length} times`];
  });
}

function isCommand(body: unknown): boolean {
  return typeof body === 'string' && body.startsWith('!vagent');
}

/** I4 and I5: each effect once, each one allowed by reviewers for exactly these arguments. */
function checkEffects(
  system: CheckedSystem,
  admin: SeenRoom,
  records: ReadonlyMap<string, Approval>,
  applied: readonly AppliedAction[],
): string[] {
  const reviewers = system.reviewers.map(({ userId }) => userId);
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { key, args } of applied) {
    if (seen.has(key)) problems.push(`I4 ${key} was applied twice`);
    seen.add(key);
    const [id = '', index = ''] = key.split(':');
    const found = records.get(id);
    if (found === undefined || !allowing.includes(found.status)) {
      problems.push(`I5 ${key} was applied, and its approval is ${found?.status ?? 'unknown'}`);
      continue;
    }
    const allowed = found.actions[Number(index)]?.args;
    if (canonicalJson(args) !== canonicalJson(allowed)) {
      problems.push(`I5 ${key} was applied with ${JSON.stringify(args)}, not ${JSON.stringify(allowed)}`);
    }
    const valid = found.decided.filter(
      ({ id: event, by }) =>
        reviewers.includes(by) &&
        admin.events.some(({ event_id, sender }) => event_id === event && sender === by),
    );
    if (valid.length < found.policy.quorum) problems.push(`I5 ${key} was applied without a valid decision`);
  }
  for (const { id, status, actions } of records.values()) {
    if (applied.length === 0 || !allowing.includes(status)) continue;
    for (const index of actions.keys()) {
      if (!seen.has(`${id}:${index}`)) problems.push(`I4 ${id}:${index} was approved and never applied`);
    }
  }
  return problems;
}
