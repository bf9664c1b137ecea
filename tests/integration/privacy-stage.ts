import { Redis } from 'ioredis';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Entry, EntryOf } from '#contract/entry';
import { decodeEntry } from '#contract/entry';
import { connectMatrix } from '#matrix/connect-matrix';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { createConsumer } from '#streams/create-consumer';
import type { Delivery } from '#streams/delivery';
import { openTransport, type Transport } from '#streams/open-transport';
import { createStreamMetrics } from '#streams/stream-metrics';
import { botOnly } from '../../services/egress/sending/bot-only.ts';
import { wireEgress } from '../../services/egress/wire-egress.ts';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { ingressConfig } from '../../services/ingress/ingress-config.ts';
import { IngressService } from '../../services/ingress/service.ts';
import { eventually } from '../support/eventually.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { redisAt } from '../support/redis-at.ts';
import { readValue } from '../support/system-redis.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const partitions = 2;

/** Alice alone with the bot, Rita in the admin room; ingress, a worker that repeats what it reads, and egress. */
export interface PrivacyStage extends AsyncDisposable {
  readonly alice: MatrixUser;
  readonly rita: MatrixUser;
  readonly bot: MatrixUser;
  readonly room: string;
  readonly adminRoom: string;
  readonly transport: Transport;
  readonly logs: readonly string[];
  /** What the worker has read. */
  readonly read: readonly Entry[];
  inbound(): Promise<Entry[]>;
  /** Every key and value under our prefix, as bytes. */
  everything(): Promise<string>;
}

export async function openPrivacyStage(
  redisUrl: string,
  { payloadKey, playbookDir }: { payloadKey?: string; playbookDir?: string } = {},
): Promise<PrivacyStage> {
  const homeserver = createHomeserver();
  await homeserver.start();
  const people = ['alice', 'rita', 'bot'].map((name) => MatrixUser.register(homeserver.url, name));
  const [alice, rita, bot] = await Promise.all(people);
  if (alice === undefined || rita === undefined || bot === undefined) throw new Error('three people');
  const adminRoom = await rita.createRoom({ invite: [bot.userId] });
  const room = await alice.createRoom({ invite: [bot.userId] });
  await bot.join(adminRoom);
  await bot.join(room);

  const logs: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) });
  const root = new AbortController();
  const prefix = uniquePrefix('privacy');
  const { config } = readConfig(ingressConfig, {
    REDIS_URL: redisUrl,
    KEY_PREFIX: prefix,
    STREAM_PARTITIONS: String(partitions),
    MATRIX_HOMESERVER: homeserver.url,
    MATRIX_ACCESS_TOKEN: bot.accessToken,
    ADMIN_ROOM_ID: adminRoom,
    ALLOWED_ROOMS: '*',
    HEALTH_PORT: '0',
    ...(payloadKey === undefined ? {} : { PAYLOAD_KEY: payloadKey }),
    ...(playbookDir === undefined ? {} : { PLAYBOOK_DIR: playbookDir }),
  });
  const metrics = createMetrics({ service: 'ingress' });
  const ingress = new IngressService(config, { log, metrics, progress: createProgress(), onToken: () => {} });
  const redis = { connection: redisAt(redisUrl), keyPrefix: prefix, partitions };
  const about = { name: 'privacy', slot: 'test', log, signal: root.signal };
  const transport = await openTransport({ redis, payload: { key: payloadKey } }, about);
  const read: Entry[] = [];
  const worker = startEcho(transport, log, read);
  const client = await connectMatrix(
    {
      homeserver: homeserver.url,
      access: { kind: 'token', token: bot.accessToken },
      deviceId: 'unused',
    },
    {
      log,
      tokens: { load: async () => undefined, save: async () => undefined, exclusively: (work) => work() },
    },
  );
  const egress = wireEgress({
    ...{ transport: { ...transport, member: `egress-${Math.random()}` }, adminRoom, log },
    speakers: botOnly({ client, crypto: undefined }),
    ...{ registry: new Registry(), beat: () => undefined },
  });
  const probe = new Redis(redisUrl);
  const dispose = async (): Promise<void> => {
    root.abort(new Error('stopping'));
    await Promise.all([ingress.stop(), worker.stop(1_000), egress.stop(1_000)]);
    await transport.close();
    probe.disconnect();
    await homeserver.stop();
  };
  try {
    await Promise.all([ingress.start(root.signal), worker.start(), egress.start()]);
    await eventually(() => ingress.isReading);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    ...{ alice, rita, bot, room, adminRoom, transport, logs, read },
    inbound: () => inboundOf(transport),
    everything: () => dumpAll(probe, prefix),
    [Symbol.asyncDispose]: dispose,
  };
}

function startEcho(transport: Transport, log: pino.Logger, read: Entry[]) {
  return createConsumer({
    ...transport,
    member: `worker-${Math.random()}`,
    group: 'graph',
    streams: ['inbound'],
    concurrency: 4,
    handle: async ({ entry }: Delivery) => {
      read.push(entry);
      log.trace({ entry }, 'read');
      if (entry.type !== 'message.received') return { outcome: 'no_reply' };
      const { id, session, body } = entry;
      const at = new Date().toISOString();
      const text = `You wrote: ${body.text}`;
      const reply: EntryOf<'reply.finished'> = {
        ...{ type: 'reply.finished', id: `${id}#reply`, session, turn: id, at },
        body: { reply: id, text, replyTo: id, revision: 1 },
      };
      const notice: EntryOf<'notice.raised'> = {
        ...{ type: 'notice.raised', id: `${id}#notice`, session, turn: id, at },
        body: { text, approval: null },
      };
      return {
        outputs: [
          { stream: 'outbound', entry: reply },
          { stream: 'approvals', entry: notice },
        ],
        outcome: 'replied',
      };
    },
    laneOf: ({ session }) => session,
    shareOf: ({ session }) => session,
    onDead: () => [],
    onLost: () => undefined,
    log,
    metrics: createStreamMetrics(new Registry()),
    beat: () => undefined,
  });
}

async function inboundOf({ redis, keys, openBody }: Transport): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    for (const [, fields] of await redis.xrange(keys.stream(partition, 'inbound'), '-', '+')) {
      const decoded = decodeEntry(fields, openBody);
      if (!decoded.ok) throw new Error(decoded.reason);
      entries.push(decoded.entry);
    }
  }
  return entries;
}

async function dumpAll(redis: Redis, prefix: string): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys(`${prefix}:*`)) {
    parts.push(key, await readValue(redis, key));
  }
  return parts.join('\n');
}
