import { describe, expect, it } from 'vitest';
import { actionOf } from '#contract/approval';
import { createKeys } from '#contract/keys';
import { StaleError } from '#streams/errors';
import { messageEntry } from '../../../tests/support/test-consumer.ts';
import { permitOf } from './permit-of.ts';

const keys = createKeys('permit');
const decided = { id: 'A'.repeat(20), actions: [actionOf('delete_records', { project: 'Apollo' })] };
const record = keys.approval(3, decided.id);

/** The permit of an approval whose write ends so. */
function permitThat(save: () => Promise<void>) {
  const delivery = { partition: 3, entry: messageEntry(1), save };
  return permitOf({ keys }, delivery, { permits: [undefined] }, decided);
}

describe('permitOf', () => {
  it('lets an action run whose start was written', async () => {
    expect(await permitThat(async () => undefined).start(0)).toBe('go');
  });

  it('does not know the fate of an action that somebody has started before', async () => {
    const permit = permitThat(() => Promise.reject(new StaleError(record)));
    expect(await permit.start(0)).toBe('unknown');
  });

  it('tries again where another key changed: nothing was started', async () => {
    const head = keys.auditHead(3);
    const permit = permitThat(() => Promise.reject(new StaleError(head)));
    await expect(permit.start(0)).rejects.toMatchObject({ name: 'StaleError', key: head });
  });
});
