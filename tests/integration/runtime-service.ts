import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createLog } from '#runtime/create-log';
import { failpoint } from '#runtime/failpoint';
import { readConfig } from '#runtime/read-config';
import { runService, type Service } from '#runtime/run-service';
import { setting } from '#runtime/setting';

/** The process that runtime-*.test.ts starts and ends: a service that behaves as `BEHAVIOUR` says. */
const schema = z.object({
  BEHAVIOUR: setting.oneOf([
    'drains',
    'hangs on stop',
    'hangs on start',
    'fails on start',
    'refuses on start',
    'fails on stop',
    'throws later',
    'rejects later',
    'ends by itself',
    'passes failpoints',
  ]),
  DRAIN_MS: setting.milliseconds().default(0),
});

class FixtureService implements Service {
  readonly log = createLog({ service: 'fixture', format: 'json' });
  readonly #behaviour: z.output<typeof schema>['BEHAVIOUR'];
  readonly #drainMs: number;
  #server: Server | undefined;
  #signal: AbortSignal | undefined;

  constructor(config: z.output<typeof schema>) {
    this.#behaviour = config.BEHAVIOUR;
    this.#drainMs = config.DRAIN_MS;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    if (this.#behaviour === 'ends by itself') return;
    this.#server = createServer().listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    if (this.#behaviour === 'hangs on start') {
      say('hangs');
      await sleep(3_600_000, undefined, { signal });
    }
    if (this.#behaviour === 'fails on start') throw new Error('no such room');
    if (this.#behaviour === 'refuses on start') {
      throw Object.assign(new Error('The playbook has one mistake'), { retryable: false });
    }
    if (this.#behaviour === 'throws later') setImmediate(() => fail('thrown later'));
    if (this.#behaviour === 'rejects later') void Promise.resolve().then(() => fail('rejected later'));
    if (this.#behaviour === 'passes failpoints') await passFailpoints();
    say('up');
  }

  async stop(): Promise<void> {
    say(`stops, signal aborted: ${this.#signal?.aborted}`);
    if (this.#behaviour === 'hangs on stop') await sleep(3_600_000);
    if (this.#behaviour === 'fails on stop') throw new Error('cannot let go');
    await sleep(this.#drainMs);
    this.#server?.close();
    say('drained');
  }

  running(): readonly string[] {
    return ['lane of session x'];
  }
}

async function passFailpoints(): Promise<void> {
  for (let round = 1; round <= 3; round += 1) {
    await failpoint('fixture.round');
    say(`round ${round}`);
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function fail(message: string): never {
  throw new Error(message);
}

await runService('fixture', () => new FixtureService(readConfig(schema, process.env).config), {
  graceMs: Number(process.env['GRACE_MS'] ?? 20_000),
});
