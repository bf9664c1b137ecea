import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createCryptoMetrics } from '#crypto/crypto-metrics';
import type { DeviceParts } from '#crypto/device-parts';
import { loadSdk } from '#crypto/load-sdk';
import { MatrixRequestError } from '#matrix/errors';
import { followNews } from './follow-news.ts';

/** One who hears `answers` of the homeserver, and fails to take in the first so many. Resolves to what was taken in. */
async function follow(answers: readonly ('away' | string)[], failures: number): Promise<string[]> {
  await loadSdk();
  const end = new AbortController();
  const left = [...answers];
  const taken: string[] = [];
  let failed = 0;
  let since: string | undefined = 's0';
  const parts = {
    ...{ userId: '@bot:x', deviceId: 'D', ended: end.signal, log: pino({ level: 'silent' }) },
    metrics: createCryptoMetrics(new Registry()),
    end: () => undefined,
    store: {
      flush: async () => undefined,
      get since() {
        return since;
      },
      set since(next) {
        if (next !== since) left.shift();
        since = next;
      },
    },
    client: {
      ...{ userId: '@bot:x', deviceId: 'D' },
      request: async (method: string, path: string) => {
        const [answer] = left;
        if (answer === undefined) end.abort(new Error('the end'));
        if (answer !== 'away')
          return { next_batch: answer ?? 'end', to_device: { events: [{ type: answer }] } };
        left.shift();
        const failure = { method, path, status: 502, errcode: null, retryAfterMs: null, reason: 'away' };
        throw new MatrixRequestError({ ...failure, retryable: true });
      },
    },
    machine: {
      receiveSyncChanges: async (events: string) => {
        if (failed < failures) {
          failed += 1;
          throw new Error('not now');
        }
        taken.push(events);
      },
    },
  };
  const pump = { run: async () => undefined };
  // Boundary: what of a device this needs.
  const running = followNews(parts as unknown as DeviceParts, {
    pump: pump as unknown as Parameters<typeof followNews>[1]['pump'],
    waitMs: 0,
    onCaughtUp: () => undefined,
  });
  await expect(running).rejects.toThrow('the end');
  return taken;
}

it('tries news again that could not be taken in, however often the homeserver was away before', async () => {
  const away = ['away', 'away', 'away', 'away'];
  expect(await follow([...away, 's1', 's2'], 1)).toEqual(['[{"type":"s1"}]', '[{"type":"s2"}]', '[{}]']);
});

it('leaves out news that can never be taken in, and goes on behind it', async () => {
  expect(await follow(['s1', 's2'], 5)).toEqual(['[{"type":"s2"}]', '[{}]']);
});
