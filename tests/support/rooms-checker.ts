import { eventually } from './eventually.ts';
import { checkApprovals } from './rooms-checker-approvals.ts';
import type { CheckedSystem, Expected } from './rooms-checker-input.ts';
import { checkCheckpoints, checkStreams } from './rooms-checker-streams.ts';
import { answersTo, readRooms, record, relationOf, type SeenRoom, shownMark } from './system-timeline.ts';

/** Says which invariants do not hold, each with its number and the ids that show it. */
export async function findViolations(system: CheckedSystem, expected: Expected = {}): Promise<string[]> {
  const rooms = await readRooms(system.rooms, system.botId);
  const inRooms = rooms.flatMap((room) => [
    ...checkAnswers(room),
    ...checkDuplicates(room),
    ...checkOrder(room),
    ...checkContent(room),
  ]);
  return [
    ...inRooms,
    ...(await checkUnanswered(system, rooms)),
    ...(await checkApprovals(system, rooms, expected)),
    ...(await checkStreams(system, expected)),
    ...(expected.checkpoints === false ? [] : await checkCheckpoints(system, rooms)),
  ];
}

/** Waits until the system is at rest with all invariants intact; rejects with those that stay broken. */
export async function untilSound(
  system: CheckedSystem,
  expected: Expected = {},
  withinMs = 30_000,
): Promise<void> {
  const isSound = async (): Promise<boolean> => {
    const violations = await findViolations(system, expected);
    if (violations.length > 0) throw new Error(`Broken invariants:\n${violations.slice(0, 30).join('\n')}`);
    return true;
  };
  await eventually(isSound, { withinMs, everyMs: 200 });
}

/** I1, the visible half: never two outcomes, never a draft that stays one, always in the right place. */
function checkAnswers(room: SeenRoom): string[] {
  return room.asked.flatMap((asked) => {
    const id = asked.event.event_id;
    const answers = answersTo(room, asked);
    const [first] = answers;
    if (first === undefined) return [];
    const problems: string[] = [];
    if (answers.length > 1) problems.push(`I1 ${id} has ${answers.length} outcomes in ${room.roomId}`);
    const { kind } = shownMark(room, first.event.event_id) ?? first.vagent;
    if (kind === 'draft') problems.push(`I1 the reply to ${id} is still a draft`);
    if (first.vagent.session !== asked.session) {
      problems.push(`I1 ${id} of ${asked.session} was answered for ${first.vagent.session}`);
    }
    if (relationOf(first.event).thread !== asked.thread) {
      problems.push(`I1 ${id} was answered outside of its thread`);
    }
    return problems;
  });
}

/** Outcomes of messages that need no answer of their own. */
const silentEnds = new Set(
  ['no_reply', 'interrupted', 'rolled_back', 'redacted', 'rejected', 'undecryptable'].map(
    (outcome) => `done:${outcome}`,
  ),
);

/** I1, the other half: a message without an answer is in the ledger as one that needs none. */
async function checkUnanswered(system: CheckedSystem, rooms: readonly SeenRoom[]): Promise<string[]> {
  const silent = rooms.flatMap((room) => room.asked.filter((asked) => answersTo(room, asked).length === 0));
  const problems = silent.map(async ({ event, session }) => {
    const partitions = Array.from({ length: system.partitions }, (_, partition) => partition);
    const states = await Promise.all(
      partitions.map((partition) => system.redis.get(system.keys.fact(partition, event.event_id))),
    );
    const state = states.find((one) => one !== null);
    return silentEnds.has(state ?? '')
      ? []
      : [`I1 ${event.event_id} of ${session} has no outcome (${state})`];
  });
  return (await Promise.all(problems)).flat();
}

/** I2: one visible post for each thing that the bot had to say. */
function checkDuplicates(room: SeenRoom): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const { event, vagent, edits } of room.said) {
    if (edits !== undefined) continue;
    const { annotates, key } = relationOf(event);
    const isReply = ['reply', 'draft', 'failed'].includes(vagent.kind);
    const what = isReply
      ? `reply ${vagent.reply} part ${vagent.part}`
      : // Entry ids are unique in one stream only.
        [
          vagent.kind,
          vagent.approval,
          vagent.kind === 'approval' ? '' : [vagent.session, vagent.turn, vagent.entry],
          annotates,
          key,
        ].join(' ');
    const earlier = seen.get(what);
    if (earlier !== undefined) problems.push(`I2 ${what} stands twice: ${earlier} and ${event.event_id}`);
    seen.set(what, event.event_id);
  }
  return problems;
}

/** I3: within a session, outcomes stand in the order of the messages. */
function checkOrder(room: SeenRoom): string[] {
  const problems: string[] = [];
  for (const [session, asked] of Map.groupBy(room.asked, (one) => one.session)) {
    let last = -1;
    for (const one of asked) {
      const index = answersTo(room, one)[0]?.index;
      if (index === undefined) continue;
      if (index < last) problems.push(`I3 ${one.event.event_id} was answered out of order in ${session}`);
      last = Math.max(last, index);
    }
  }
  return problems;
}

/** Every event says what it is and whom it mentions, in an edit's new content, too. */
function checkContent(room: SeenRoom): string[] {
  const unmarked = room.unmarked.map(
    ({ event_id, type }) => `dev.vagent is missing on ${type} ${event_id} in ${room.roomId}`,
  );
  const messages = room.said.filter(({ event }) => event.type === 'm.room.message');
  const silent = messages.flatMap(({ event, edits, vagent }) => {
    const shown = edits === undefined ? event.content : record(event.content['m.new_content']);
    const problems: string[] = [];
    if (typeof event.content['m.mentions'] !== 'object') problems.push('m.mentions is missing');
    if (typeof shown['m.mentions'] !== 'object') problems.push('m.mentions is missing in m.new_content');
    if (record(shown['dev.vagent'])['kind'] !== vagent.kind) problems.push('dev.vagent is not the one shown');
    return problems.map((problem) => `${problem} on ${event.event_id} in ${room.roomId}`);
  });
  return [...unmarked, ...silent];
}
