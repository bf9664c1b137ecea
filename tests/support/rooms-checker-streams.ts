import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import type { StreamName } from '#contract/bodies';
import { partitionOf } from '#contract/partition-of';
import { sealedSerializer } from '../../services/worker/turns/sealed-serializer.ts';
import type { CheckedSystem, Expected } from './rooms-checker-input.ts';
import { answersTo, record, type SeenRoom } from './system-timeline.ts';

const readers = [
  ['inbound', 'graph'],
  ['outbound', 'egress'],
  ['approvals', 'egress'],
  ['timers', 'clock'],
] as const satisfies readonly (readonly [StreamName, string])[];

/** I6: nothing pending, nothing unread, nothing accepted without an outcome, no dead letter too many. */
export async function checkStreams(system: CheckedSystem, { deadLetters = 0 }: Expected): Promise<string[]> {
  const { redis, keys } = system;
  const problems: string[] = [];
  for (let partition = 0; partition < system.partitions; partition += 1) {
    const accepted = await redis.hlen(keys.accepted(partition));
    if (accepted > 0)
      problems.push(`I6 ${accepted} accepted entries of partition ${partition} have no outcome`);
    for (const [stream, group] of readers) {
      const name = keys.stream(partition, stream);
      if ((await redis.exists(name)) === 0) continue;
      const info = toRecord(await redis.xinfo('STREAM', name));
      const groups: unknown = await redis.xinfo('GROUPS', name);
      const reader = (Array.isArray(groups) ? groups.map(toRecord) : []).find((one) => one['name'] === group);
      if (reader === undefined) problems.push(`I6 ${name} has no group ${group}`);
      else if (reader['pending'] !== 0) problems.push(`I6 ${name} has ${reader['pending']} pending entries`);
      else if (reader['last-delivered-id'] !== info['last-generated-id'])
        problems.push(`I6 ${name} has unread entries`);
    }
  }
  const dead = await countDeadLetters(system);
  if (dead !== deadLetters) problems.push(`I6 there are ${dead} dead letters, expected are ${deadLetters}`);
  return problems;
}

export async function countDeadLetters({
  redis,
  keys,
  partitions,
}: Pick<CheckedSystem, 'redis' | 'keys' | 'partitions'>): Promise<number> {
  let dead = 0;
  for (let partition = 0; partition < partitions; partition += 1)
    dead += await redis.xlen(keys.stream(partition, 'dead'));
  return dead;
}

/** I7: the history in a session's newest checkpoint is what its room shows, message by message. */
export async function checkCheckpoints(system: CheckedSystem, rooms: readonly SeenRoom[]): Promise<string[]> {
  const problems: string[] = [];
  for (const room of rooms) {
    for (const [session, asked] of Map.groupBy(room.asked, (one) => one.session)) {
      const handled = asked.filter((one) =>
        answersTo(room, one).some(({ vagent }) => vagent.kind !== 'failed'),
      );
      if (handled.length === 0) continue;
      const said = (await readHistory(system, session)).flatMap(({ role, text }) =>
        role === 'user' ? [text] : [],
      );
      const shown = handled.map(({ event }) => withoutMention(String(event.content['body']), system.botId));
      const expected = shown.slice(-said.length);
      if (said.length === 0 || said.join('\n') !== expected.join('\n')) {
        problems.push(
          `I7 ${session} remembers ${JSON.stringify(said.slice(-5))}, not ${JSON.stringify(expected.slice(-5))}`,
        );
      }
    }
  }
  return problems;
}

/** The messages in the newest checkpoint of a session; the oldest of a long conversation are left out in it. */
export async function readHistory(
  system: CheckpointSource,
  session: string,
): Promise<readonly { role: string; text: string }[]> {
  const messages = (await readCheckpoint(system, session))['messages'];
  if (!Array.isArray(messages)) return [];
  return messages.map((message: unknown) => {
    const { role, text } = record(message);
    return { role: String(role), text: String(text) };
  });
}

type CheckpointSource = Pick<CheckedSystem, 'redis' | 'keys' | 'partitions' | 'openBody'>;

/** What the newest checkpoint of a session holds, by channel. */
export async function readCheckpoint(
  { redis, keys, partitions, openBody = (plain) => plain }: CheckpointSource,
  session: string,
): Promise<Readonly<Record<string, unknown>>> {
  const partition = partitionOf(session, partitions);
  const saver = new RedisSaver({
    redis,
    keyOf: (thread: string) => keys.thread(partition, encodeKeyPart(thread)),
    serde: sealedSerializer((text) => text, openBody),
    ttlMs: 24 * 60 * 60 * 1000,
    cacheEntries: 0,
  });
  const tuple = await saver.getTuple({ configurable: { thread_id: session } });
  return tuple?.checkpoint.channel_values ?? {};
}

function withoutMention(body: string, botId: string): string {
  return body.startsWith(`${botId} `) ? body.slice(botId.length + 1) : body;
}

/** What XINFO answers: name, value, name, value … */
function toRecord(flat: unknown): Record<string, unknown> {
  if (!Array.isArray(flat)) return {};
  const pairs: [string, unknown][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([String(flat[i]), flat[i + 1]]);
  return Object.fromEntries(pairs);
}
