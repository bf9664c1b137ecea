import { expect, it } from 'vitest';
import { createSerial } from './serial.ts';

it('work of one name waits for its turn, also after a failure; other names do not wait', async () => {
  const serial = createSerial();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = serial('a', async () => {
    await gate.promise;
    order.push('a1');
    throw new Error('broken');
  });
  const second = serial('a', async () => order.push('a2'));
  await serial('b', async () => order.push('b'));
  gate.resolve();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(order).toEqual(['b', 'a1', 'a2']);
});
