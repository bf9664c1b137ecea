import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeys } from './keys.ts';

describe('key names', () => {
  it('put all that belongs to a partition under its hash tag, whatever an id contains', () => {
    const keys = createKeys('vagent');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16_383 }), fc.string({ unit: 'binary' }), (partition, id) => {
        const names = [
          keys.stream(partition, 'inbound'),
          keys.stream(partition, 'dead'),
          keys.lease(partition, 'graph'),
          keys.fact(partition, id),
          keys.accepted(partition),
          keys.session(partition, id),
          keys.thread(partition, id),
          keys.approval(partition, id),
          keys.prompt(partition, id),
          keys.openApprovals(partition),
          keys.decidedApproval(partition, id),
          keys.auditHead(partition),
          keys.timers(partition),
          keys.timersDue(partition),
          keys.reply(partition, id),
          keys.sessions(partition),
          keys.store(partition),
        ];
        // Redis hashes what stands between the first { and the first } after it.
        for (const name of names) expect(/\{(.*?)\}/.exec(name)?.[1]).toBe(String(partition));
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});
