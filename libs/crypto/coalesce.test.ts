import { expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

it('who asks while it runs shares one more run, which begins afterwards', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const run = coalesce(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const first = run();
  await Promise.resolve();
  await Promise.resolve();
  const [second, third] = [run(), run()];
  expect(second).toBe(third);
  expect(gates).toHaveLength(1);
  gates[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(gates).toHaveLength(2);
  gates[1]?.resolve();
  await Promise.all([second, third]);
});

it('a run that fails tells those who shared it, and the next one begins all the same', async () => {
  let runs = 0;
  const run = coalesce(async () => {
    runs += 1;
    if (runs === 1) throw new Error('full');
  });
  await expect(run()).rejects.toThrow('full');
  await run();
  expect(runs).toBe(2);
});
