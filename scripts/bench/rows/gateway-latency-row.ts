import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { decodeEntry } from '#contract/entry';
import type { Transport } from '#streams/open-transport';
import { CommandError } from '../../cli/errors.ts';
import { createGatewayCallers } from '../gateway-callers.ts';
import { quantile } from '../median.ts';
import type { Goal, Result, Row } from '../row.ts';
import { callerOf } from '../socket-session.ts';
import { spawnService } from '../spawn-service.ts';

const everyMs = 50;
const warmUp = 100;
const counted = 300;

/** A message over HTTP and its answer. */
interface Answered {
  readonly turn: string;
  readonly tookMs: number;
}

export const gatewayLatencyRow: Row = {
  name: 'gateway-latency',
  measures:
    '20 messages a second over HTTP, each in a conversation of its own, through a gateway and a worker process: from before the POST to the final text, less the time from the message to the reply in their streams, by Redis’ clock (in whole ms)',
  run: async (bench) => {
    const prefix = bench.newPrefix();
    const callers = createGatewayCallers();
    const environment = { ...bench.environment(prefix), ...callers.environment };
    await using transport = await bench.transport(prefix);
    await using _worker = await spawnService('worker', environment);
    await using gateway = await spawnService('gateway', environment);
    const url = `http://127.0.0.1:${gateway.port}/api/v1/process_message`;
    const tokens = await Promise.all(
      Array.from({ length: warmUp + counted }, (_, number) => callers.token(callerOf(number))),
    );
    const asking: Promise<Answered>[] = [];
    const startedAt = performance.now();
    for (const [number, token] of tokens.entries()) {
      await sleep(Math.max(0, startedAt + number * everyMs - performance.now()));
      asking.push(ask(url, token));
    }
    const answers = (await Promise.all(asking)).slice(warmUp);
    const turns = await turnTimes(transport);
    const added = answers.map(({ turn, tookMs }) => tookMs - (turns.get(turn) ?? Number.NaN));
    const whole = answers.map(({ tookMs }) => tookMs);
    return [
      line('POST to final text, p50', quantile(whole, 0.5)),
      line('POST to final text, p99', quantile(whole, 0.99)),
      line('added by the gateway, p50', quantile(added, 0.5), { wants: 'below', goal: 10, stretch: 5 }),
      line('added by the gateway, p99', quantile(added, 0.99), { wants: 'below', goal: 50, stretch: 25 }),
    ];
  },
};

async function ask(url: string, token: string): Promise<Answered> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'How do I reset my 2FA?' }),
  });
  if (!response.ok)
    throw new CommandError(`The gateway answered ${response.status}: ${await response.text()}`);
  let answered: Answered | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event !== 'text_final') return;
      const { turn }: { turn?: unknown } = JSON.parse(data);
      answered = { turn: String(turn), tookMs: performance.now() - startedAt };
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    parser.feed(decoder.decode(part.value, { stream: true }));
  }
  if (answered === undefined) throw new CommandError('A message was not answered');
  return answered;
}

/** Milliseconds from each message's entry to its reply's, as their ids say. */
async function turnTimes({ redis, keys, partitions }: Transport): Promise<ReadonlyMap<string, number>> {
  const accepted = new Map<string, number>();
  const times = new Map<string, number>();
  for (const name of ['inbound', 'outbound'] as const) {
    for (let partition = 0; partition < partitions; partition++) {
      for (const [id, fields] of await redis.xrange(keys.stream(partition, name), '-', '+')) {
        const decoded = decodeEntry(fields);
        if (!decoded.ok) continue;
        const { type, turn = '' } = decoded.entry;
        if (name === 'inbound') accepted.set(decoded.entry.id, Number.parseInt(id, 10));
        else if (type === 'reply.finished') {
          times.set(turn, Number.parseInt(id, 10) - (accepted.get(turn) ?? Number.NaN));
        }
      }
    }
  }
  return times;
}

function line(what: string, value: number, goal?: Goal): Result {
  const common = { what, ours: `${value.toFixed(1)} ms`, comparedWith: '', value, unit: ' ms' };
  return goal === undefined ? common : { ...common, goal };
}
