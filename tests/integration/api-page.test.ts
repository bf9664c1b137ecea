import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { apiSessionOf } from '#contract/api-session';
import { signToken } from '../support/gateway-access.ts';
import { startSystem } from '../support/start-system.ts';

const run = promisify(execFile);
const page = new URL('../../docs/operate/api.md', import.meta.url);

it('answers every command of the page about the API as the page says', { timeout: 180_000 }, async () => {
  await using system = await startSystem({ redisUrl: inject('redisUrl'), replicas: { gateway: 1 } });
  const user = '@ann:example.org';
  const session = apiSessionOf(user, 'support');
  const env = {
    PATH: process.env['PATH'] ?? '',
    GATEWAY: system.process('gateway-1').url,
    TOKEN: await signToken(user, 'user'),
    SESSION: encodeURIComponent(session),
  };
  const blocks = [...(await readFile(page, 'utf8')).matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, block = '']) => block,
  );
  expect(blocks).toHaveLength(3);
  const outputs: string[] = [];
  for (const block of blocks) {
    // The page shows a moment of what is followed: on a slow machine that moment is longer.
    const patient = block.replace('--max-time 2 ', '--max-time 10 ');
    outputs.push((await run('sh', ['-ec', patient], { env })).stdout);
  }
  const [said = '', followed = '', feedback = ''] = outputs;
  expect(said).toMatch(/^event: text_final$/m);
  expect(said).toMatch(/recovery code/i);
  expect(said.trimEnd().split('\n\n').at(-1)).toContain('"outcome":"replied"');
  expect(followed).toContain('current');
  expect(feedback).toContain('$api-feedback-');
});
