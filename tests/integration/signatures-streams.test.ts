import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Entry, encodeEntry } from '#contract/entry';
import { createKeys, type Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { createSignatures, type Signatures } from '#contract/signature';
import { findDeadLetter, listDeadLetters } from '#operations/dead-letters/find-dead-letters';
import { settleDeadLetter } from '#operations/dead-letters/settle-dead-letter';
import { openTransport, type Transport } from '#streams/open-transport';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const partitions = 4;
const payloadKey = randomBytes(32).toString('base64');
const newerKey = randomBytes(32).toString('base64');
const session = '!room:localhost:main:@ana:localhost';
const partition = partitionOf(session, partitions);

let prefix: string;
let keys: Keys;
beforeEach(() => {
  prefix = uniquePrefix('signatures');
  keys = createKeys(prefix);
});

const open = (
  key: string | undefined,
  unsigned?: 'refuse' | 'accept',
  keyPrefix = prefix,
): Promise<Transport> =>
  openTransport(
    { redis: { connection: redisAt(url), keyPrefix, partitions }, payload: { key, unsigned } },
    { name: 'test', slot: 'test', log: pino({ level: 'silent' }), signal: new AbortController().signal },
  );

async function consume(transport: Transport, options: { fails?: boolean; unknownMs?: number } = {}) {
  const handled: Entry[] = [];
  const consumer = await startTestConsumer(redisAt(url), prefix, `m-${randomBytes(4).toString('hex')}`, {
    sealBody: transport.sealBody,
    openBody: transport.openBody,
    signatures: transport.signatures,
    ...(options.unknownMs === undefined ? {} : { unknownMs: options.unknownMs }),
    handle: async ({ entry }) => {
      if (options.fails === true) throw Object.assign(new Error('no'), { retryable: false });
      handled.push(entry);
      const reply: Entry = {
        type: 'reply.finished',
        id: `${entry.id}#reply`,
        session,
        turn: entry.id,
        at: entry.at,
        body: { reply: entry.id, text: 'ok', replyTo: null, revision: 0 },
      };
      return { outputs: [{ stream: 'outbound', entry: reply }], outcome: 'replied' };
    },
  });
  return { handled, consumer };
}

const isChecked = (
  signatures: Signatures | undefined,
  stream: 'inbound' | 'outbound',
  fields: readonly string[],
) => signatures?.check(keys.stream(partition, stream), fields);
const lettersOf = (transport: Transport) => listDeadLetters(transport, 10);

describe('signed entries', () => {
  it('are what publishers and commits write, and pass through consumers', async () => {
    await using transport = await open(payloadKey);
    await transport.publisher.publish('inbound', messageEntry(1));
    const { handled, consumer } = await consume(transport);
    await using _ = consumer;
    await eventually(() => handled.length === 1);
    const streams = ['inbound', 'outbound'] as const;
    for (const stream of streams) {
      const [[, fields] = []] = await eventually(async () => {
        const entries = await redis.xrange(keys.stream(partition, stream), '-', '+');
        return entries.length > 0 && entries;
      });
      expect(isChecked(transport.signatures, stream, fields ?? [])).toEqual({ ok: true });
    }
    expect(await consumer.count('entries_forged_total')).toBe(0);
  });

  it('become dead letters that pass again when an operator replays them', async () => {
    await using transport = await open(payloadKey);
    await transport.publisher.publish('inbound', messageEntry(1));
    const failing = await consume(transport, { fails: true });
    const [letter] = await eventually(async () => {
      const letters = await lettersOf(transport);
      return letters.length > 0 && letters;
    });
    await failing.consumer.stop();
    if (letter === undefined) throw new Error('no letter');
    await settleDeadLetter(transport, letter, { how: 'replay', by: 'cli:ana' });
    const { handled, consumer } = await consume(transport);
    await using _ = consumer;
    await eventually(() => handled.length === 1);
    expect(await lettersOf(transport)).toEqual([]);
  });

  it('of an older key pass, and those of one that is not here are left for a process that has it', async () => {
    await using older = await open(payloadKey);
    await older.publisher.publish('inbound', messageEntry(1));
    // As a process that has not got the new key yet would see it.
    const only = createSignatures([{ id: 'another', bytes: randomBytes(32) }], { isUnsignedAccepted: false });
    const stranger = await consume({ ...older, signatures: only });
    await eventually(async () => (await stranger.consumer.count('entries_delivered_total')) === 1);
    expect(stranger.handled).toEqual([]);
    expect(await lettersOf(older)).toEqual([]);
    await stranger.consumer.stop();
    await using newer = await open(`${newerKey},${payloadKey}`);
    const { handled, consumer } = await consume(newer);
    await using _ = consumer;
    await eventually(() => handled.length === 1);
  });

  it.each([
    ['refuse', undefined],
    ['refuse', 'refuse'],
    ['accept', 'accept'],
  ] as const)('without a signature: %s where UNSIGNED_ENTRIES is %s', async (what, unsigned) => {
    await using transport = await open(payloadKey, unsigned);
    const plain = encodeEntry(messageEntry(1), transport.sealBody);
    await redis.xadd(keys.stream(partition, 'inbound'), '*', ...plain);
    const { handled, consumer } = await consume(transport);
    await using _ = consumer;
    if (what === 'accept') {
      await eventually(() => handled.length === 1);
      return;
    }
    const [letter] = await eventually(async () => {
      const letters = await lettersOf(transport);
      return letters.length > 0 && letters;
    });
    expect(letter?.reason).toBe('signature is missing');
    expect(handled).toEqual([]);
    expect(await consumer.count('entries_forged_total')).toBe(1);
    expect(await findDeadLetter(transport, `${partition}:${letter?.entryId}`)).toBeDefined();
  });

  it('T23: of another system with the same key and Redis are refused', async () => {
    await using other = await open(payloadKey, 'refuse', `${prefix}-tenant`);
    await using transport = await open(payloadKey, 'accept');
    await other.publisher.publish('inbound', messageEntry(1));
    const theirs = createKeys(`${prefix}-tenant`).stream(partition, 'inbound');
    const [[, fields] = []] = await redis.xrange(theirs, '-', '+');
    await redis.xadd(keys.stream(partition, 'inbound'), '*', ...(fields ?? []));
    const { handled, consumer } = await consume(transport);
    await using _ = consumer;
    await eventually(async () => (await lettersOf(transport)).length === 1);
    expect(handled).toEqual([]);
  });

  it('are none without PAYLOAD_KEY', async () => {
    await using transport = await open(undefined);
    await transport.publisher.publish('inbound', messageEntry(1));
    const [[, fields] = []] = await redis.xrange(keys.stream(partition, 'inbound'), '-', '+');
    expect(fields).not.toContain('sig');
    const { handled, consumer } = await consume(transport);
    await using _ = consumer;
    await eventually(() => handled.length === 1);
  });
});
