import pino from 'pino';
import { Registry } from 'prom-client';
import type { Body, EntryType } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import { formatSessionId } from '#contract/session-id';
import { vagentContentKey } from '#contract/vagent-content';
import { connectMatrix } from '#matrix/connect-matrix';
import { openTransport, type Transport } from '#streams/open-transport';
import type { Publisher } from '#streams/publish';
import { botOnly } from '../../services/egress/sending/bot-only.ts';
import { wireEgress } from '../../services/egress/wire-egress.ts';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import { redisAt } from '../support/redis-at.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

/** Alice in a room with the bot, Rita in the admin room, the embedded homeserver, a real Redis, and an egress. */
export interface Stage extends AsyncDisposable {
  readonly homeserver: Homeserver;
  readonly alice: MatrixUser;
  readonly rita: MatrixUser;
  readonly bot: MatrixUser;
  readonly room: string;
  readonly adminRoom: string;
  readonly session: string;
  readonly transport: Transport;
  readonly keyPrefix: string;
  readonly registry: Registry;
  /** Alice's question, which replies answer. */
  ask(text?: string): Promise<string>;
  publish<T extends EntryType>(type: T, turn: string, body: Body<T>, id?: string): Promise<void>;
  /** Without marks on messages, unless they are asked for. */
  startEgress(options?: { readonly hasMarks?: boolean }): Promise<() => Promise<void>>;
  /** What the bot sent into a room, oldest first. */
  sent(room?: string): Promise<MatrixEvent[]>;
  dead(): Promise<string[][]>;
}

const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export async function openStage(redisUrl: string): Promise<Stage> {
  const homeserver = createHomeserver();
  await homeserver.start();
  const register = (name: string) => MatrixUser.register(homeserver.url, name);
  const [alice, rita, bot] = await Promise.all([register('alice'), register('rita'), register('bot')]);
  const room = await alice.createRoom({ invite: [bot.userId] });
  const adminRoom = await rita.createRoom({ invite: [bot.userId] });
  await bot.join(room);
  await bot.join(adminRoom);
  const signal = new AbortController().signal;
  const keyPrefix = uniquePrefix('egress');
  const redis = { connection: redisAt(redisUrl), keyPrefix, partitions: 2 };
  const transport = await openTransport(
    { redis, payload: { key: undefined } },
    { name: 'egress', slot: 'test', log, signal },
  );
  const session = formatSessionId({ room, thread: null, user: alice.userId });
  const registry = new Registry();
  const stops: (() => Promise<void>)[] = [];
  const stage: Stage = {
    ...{ homeserver, alice, rita, bot, room, adminRoom, session, transport, keyPrefix, registry },
    ask: (text = 'a question') => alice.say(room, text),
    publish: (type, turn, body, id) => publishTo(transport.publisher, session, type, turn, body, id),
    startEgress: async ({ hasMarks = false } = {}) => {
      const access = { kind: 'token', token: bot.accessToken } as const;
      const client = await connectMatrix(
        { homeserver: homeserver.url, access, deviceId: 'unused' },
        {
          log,
          tokens: { load: async () => undefined, save: async () => undefined, exclusively: (work) => work() },
        },
      );
      const member = `member-${stops.length}-${Math.random()}`;
      const consumer = wireEgress({
        transport: { ...transport, member },
        speakers: botOnly({ client, crypto: undefined }),
        adminRoom,
        hasMarks,
        log,
        registry: stops.length === 0 ? registry : new Registry(),
        beat: () => undefined,
      });
      await consumer.start();
      const stop = () => consumer.stop(1_000);
      stops.push(stop);
      return stop;
    },
    sent: async (where = room) => {
      const events = await alice.timeline(where === adminRoom ? room : where).catch(() => []);
      const seen = where === adminRoom ? await rita.timeline(adminRoom) : events;
      return seen.filter(({ sender, state_key }) => sender === bot.userId && state_key === undefined);
    },
    dead: async () => {
      const streams = [0, 1].map((partition) => transport.keys.stream(partition, 'dead'));
      const entries = await Promise.all(streams.map((stream) => transport.redis.xrange(stream, '-', '+')));
      return entries.flat().map(([, fields]) => fields);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await transport.close();
      await homeserver.stop();
    },
  };
  return stage;
}

/** Publishes an entry as a worker would. */
export async function publishTo<T extends EntryType>(
  publisher: Publisher,
  session: string,
  type: T,
  turn: string,
  body: Body<T>,
  id = `${turn}#${type}-${Math.random()}`,
): Promise<void> {
  const stream = type.startsWith('approval.') ? 'approvals' : 'outbound';
  // `type` and `body` belong together by the signature; TypeScript cannot see it through the union.
  const entry = { type, id, session, turn, at: new Date().toISOString(), body } as Entry;
  await publisher.publish(stream, entry);
}

/** The kind that an event says it has, as its last edit says it. */
export function kindOf(event: MatrixEvent | undefined): unknown {
  const vagent = event?.content[vagentContentKey];
  return typeof vagent === 'object' && vagent !== null && 'kind' in vagent ? vagent.kind : undefined;
}

/** The id of the event that an edit replaces; undefined for an event that is no edit. */
export function replacedBy(event: MatrixEvent): unknown {
  const relation = event.content['m.relates_to'];
  const isEdit =
    typeof relation === 'object' &&
    relation !== null &&
    'rel_type' in relation &&
    relation.rel_type === 'm.replace';
  return isEdit && 'event_id' in relation ? relation.event_id : undefined;
}
