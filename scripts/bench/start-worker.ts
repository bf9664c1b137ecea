import { nothingSwitchedOff } from '#operations/switches/switch';
import type { Transport } from '#streams/open-transport';
import { takeTurn } from '../../services/worker/turns/take-turn.ts';
import { createTurnSavers } from '../../services/worker/turns/turn-savers.ts';
import type { Bench } from './bench.ts';
import { type RunningConsumer, startConsumer } from './start-consumer.ts';

const sessionTtlMs = 60 * 60 * 1000;

/** The worker's whole turn in this process: real consumer, graph, savers and commit. */
export function startWorker(
  bench: Bench,
  transport: Transport,
  concurrency: number,
  onCommit?: (fact: string) => void,
): Promise<RunningConsumer> {
  // As in a deployment that began with this release, once its workers know each other.
  const sealLong = transport.sealSmall;
  const deps = {
    ...transport,
    sealLong,
    ...bench.conversation,
    switches: nothingSwitchedOff,
    forgetTurns: () => Promise.resolve(),
    messages: () => ({ doubleText: 'enqueue', rooms: {}, onRedaction: 'withdraw_answer' }) as const,
    adminRoom: '!admin:localhost',
    moves: { currentOf: async (room: string) => room },
    sessionTtlMs,
    log: bench.log,
    saversFor: createTurnSavers({ ...transport, sealLong, sessionTtlMs }),
  };
  return startConsumer(bench, transport, concurrency, (delivery) => takeTurn(deps, delivery), onCommit);
}
