import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import { archivePlaybook, findPlaybook, keepArchived } from '../../services/worker/desks/playbook-archive.ts';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());

it('a playbook outlives its time in the archive as long as a worker begins sessions with it', async () => {
  const keys = createKeys(uniquePrefix('archive'));
  const deps = { redis, keys, sealBody: (json: string) => json, openBody: (sealed: string) => sealed };
  const files = await readPlaybookFiles('services/worker/playbook');
  const errors: unknown[] = [];
  await archivePlaybook(deps, 'v1', files);
  const kept = { everyMs: 10, onError: (error: unknown) => void errors.push(error) };
  {
    using _ = keepArchived(deps, () => ({ version: 'v1', files }), kept);
    await redis.del(keys.playbook('v1'));
    await eventually(async () => (await findPlaybook(deps, 'v1')) !== undefined);
  }
  expect(await redis.pttl(keys.playbook('v1'))).toBeGreaterThan(89 * 24 * 60 * 60 * 1_000);
  expect(errors).toEqual([]);
});
