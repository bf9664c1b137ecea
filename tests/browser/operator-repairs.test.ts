import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { setSwitch } from '#operations/switches/set-switch';
import type { Role } from '../../services/gateway/api/role.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { describeInBrowser } from '../support/open-browser.ts';
import { type ConsoleStage, expectAccessible, useConsole } from '../support/start-console.ts';
import { answerTo, askForDeletion, everShown } from '../support/system-talk.ts';

/** A browser and seven processes share the machine with other tests. */
const patient = { timeout: 150_000 };
const withinMs = 40_000;

describeInBrowser('the pages on which an operator mends something', () => {
  const stage = useConsole();
  const open = (role: Role, at: string): Promise<Page> =>
    stage().signIn({ user: stage().system.reviewers[0].userId, role }, at);

  it(
    'a dead letter is replayed from its page: first what would happen, then, when the word is typed, it happens',
    patient,
    async () => {
      const { system } = stage();
      // What a first try has left would be a second letter.
      for (let partition = 0; partition < system.partitions; partition++)
        await system.redis.del(system.keys.stream(partition, 'dead'));
      const dora = await system.user('dora');
      const room = await system.direct(dora);
      const message = await failTurn(stage(), room, dora);
      const page = await open('operator', 'letters');
      await page.getByRole('link', { name: dora.userId.slice(1).split(':', 1)[0] ?? '' }).press('Enter');
      await page.getByText(message, { exact: true }).waitFor();

      await page.getByRole('button', { name: 'Replay …' }).click();

      const dialog = page.getByRole('dialog', { name: 'Replay this letter?' });
      await dialog.getByText(/Would be appended to inbound/).waitFor();
      const dead = system.keys.stream(partitionFor(stage(), room, dora), 'dead');
      expect(await system.redis.xlen(dead)).toBe(1);
      const replay = dialog.getByRole('button', { name: 'Replay it' });
      expect(await replay.isDisabled()).toBe(true);
      await expectAccessible(page);
      await dialog.getByLabel('Type “replay” to confirm').fill('replay');
      await replay.click();
      await page.getByText('Nothing was given up').waitFor();
      expect(await system.redis.xlen(dead)).toBe(0);
      const isAnswered = async () =>
        (await everShown(system, room)).some((shown) => shown.includes('Reset your 2FA'));
      await eventually(isAnswered, { withinMs, what: 'the replayed message is answered' });
    },
  );

  it(
    'a tool is switched off from its page with a reason, refuses from then on, and is switched on again',
    patient,
    async () => {
      const { system, tools } = stage();
      // Of this try alone; the worker's log tells of all.
      const because = `It deletes too much (${randomBytes(3).toString('hex')})`;
      const tool = { scope: 'tool', name: 'delete_records', because: '', by: 'cli:test' } as const;
      await setSwitch(system, { ...tool, off: false });
      const page = await open('operator', 'switches');
      await page.getByText('Everything is on').waitFor();

      await page.getByLabel('Which').selectOption('delete_records');
      expect(await page.getByRole('button', { name: 'Switch off …' }).isDisabled()).toBe(true);
      await page.getByRole('form', { name: 'Switch off' }).getByLabel('Why').fill(because);
      await page.getByRole('button', { name: 'Switch off …' }).click();
      const off = page.getByRole('dialog', { name: 'Switch tool delete_records off?' });
      await off.getByText(/runs for nobody/).waitFor();
      await expectAccessible(page);
      await off.getByRole('button', { name: 'Switch off' }).click();

      const row = page.getByRole('listitem').filter({ hasText: 'tool delete_records' });
      await row.getByText(because).waitFor();
      const worker = system.process('worker-1');
      await eventually(() => worker.log.includes(because), {
        withinMs,
        what: 'the worker knows',
      });
      const eve = await system.user('eve');
      const room = await system.direct(eve);
      const refused = await answerTo(
        system,
        room,
        await eve.say(room, 'Please delete all records of project Apollo'),
      );
      expect(refused.text).toMatch(/switched off/);

      await row.getByRole('button', { name: 'Switch on …' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click();
      await page.getByText('Everything is on').waitFor();
      const isOnAgain = () => worker.log.lastIndexOf('switched on again') > worker.log.lastIndexOf(because);
      await eventually(isOnAgain, { withinMs, what: 'the worker knows' });
      const { prompt } = await askForDeletion(system, 'finn', 'Gemini');
      expect(prompt.text).toContain('Gemini');
      expect(tools.calls.filter(({ project }) => project === 'Apollo')).toEqual([]);
    },
  );

  it(
    'the audit page says that the chain is intact, and shows the very line that somebody has changed by hand',
    patient,
    async () => {
      const { system } = stage();
      const { room, user } = await askForDeletion(system, 'gina', 'Vostok');
      const partition = partitionFor(stage(), room, user);
      const page = await open('viewer', 'audit');
      await page.getByText('Intact', { exact: true }).waitFor();
      await page.getByText('asked for delete_records').first().waitFor();
      await expectAccessible(page);

      const [line, restore] = await changeNewestLine(stage(), partition);
      try {
        await page.keyboard.press('v');
        const alert = page.getByRole('alert').filter({ hasText: `Partition ${partition}` });
        await alert.getByText(`Line ${line} was changed after it was written`).waitFor();
        await expectAccessible(page);
      } finally {
        await restore();
      }
      await page.getByRole('button', { name: 'Verify again' }).click();
      await page.getByText('Intact', { exact: true }).waitFor();
    },
  );
});

/** Says something to a worker that fails at it once and for all; afterwards the worker is sound again. */
async function failTurn({ system }: ConsoleStage, room: string, user: MatrixUser): Promise<string> {
  await system.restart('worker-1', { FAILPOINT: 'worker.before-turn:throw:*', MAX_ATTEMPTS: '1' });
  try {
    const message = await user.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(system, room, message, withinMs)).kind).toBe('failed');
    return message;
  } finally {
    await system.restart('worker-1');
  }
}

function partitionFor({ system }: ConsoleStage, room: string, { userId: user }: MatrixUser): number {
  return partitionOf(formatSessionId({ room, thread: null, user }), system.partitions);
}

/** Writes another requester into the newest line of a partition's audit, as somebody with access to Redis could. */
async function changeNewestLine(
  { system: { redis, keys } }: ConsoleStage,
  partition: number,
): Promise<[line: string, restore: () => Promise<void>]> {
  const key = keys.stream(partition, 'audit');
  const before = await redis.dumpBuffer(key);
  const lines = await redis.xrange(key, '-', '+');
  const [newest = '', fields = []] = lines.at(-1) ?? [];
  const changed = fields.map((value, index) =>
    fields[index - 1] === 'requester' ? '@mallory:localhost' : value,
  );
  expect(changed).not.toEqual(fields);
  // An id below the last one is refused: the stream is written anew.
  await redis.del(key);
  for (const [id, own] of lines.slice(0, -1)) await redis.xadd(key, id, ...own);
  await redis.xadd(key, newest, ...changed);
  return [
    newest,
    async () => {
      await redis.restore(key, 0, before ?? '', 'REPLACE');
    },
  ];
}
