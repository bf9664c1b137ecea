import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLog } from './create-log.ts';
import { withLogFields } from './log-context.ts';

function capture() {
  const lines: string[] = [];
  const log = createLog({ service: 'worker', format: 'json', output: { write: (line) => lines.push(line) } });
  return { log, read: (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line)) };
}

describe('withLogFields', () => {
  it('adds its fields to every line of the work, also deep and late, and to none outside', async () => {
    const { log, read } = capture();
    const child = log.child({ mcp: 'desk' });
    await withLogFields(
      () => ({ turn: '$a', partition: 3 }),
      async () => {
        await sleep(1);
        await withLogFields(
          () => ({ attempt: 2 }),
          async () => child.info({ waitMs: 5 }, 'deep'),
        );
        log.info('after');
      },
    );
    log.info('outside');
    expect(read()).toMatchObject([
      { mcp: 'desk', turn: '$a', partition: 3, attempt: 2, waitMs: 5, msg: 'deep' },
      { turn: '$a', partition: 3, msg: 'after' },
      { msg: 'outside' },
    ]);
    expect(read()[1]).not.toHaveProperty('attempt');
    expect(read()[2]).not.toHaveProperty('turn');
  });

  it('keeps two pieces of work apart that run at once', async () => {
    const { log, read } = capture();
    const work = (turn: string) =>
      withLogFields(
        () => ({ turn }),
        async () => {
          await sleep(1);
          log.info(turn);
        },
      );
    await Promise.all(['$a', '$b', '$c'].map(work));
    for (const { turn, msg } of read()) expect(turn).toBe(msg);
  });

  it('asks for no fields where nothing is logged', () => {
    let asked = 0;
    withLogFields(
      () => {
        asked += 1;
        return {};
      },
      () => undefined,
    );
    expect(asked).toBe(0);
  });

  it('covers what must not be logged in such fields too', () => {
    const { log, read } = capture();
    withLogFields(
      () => ({ token: 'canary' }),
      () => log.info('x'),
    );
    expect(read()[0]).toMatchObject({ token: '[redacted]' });
  });
});
