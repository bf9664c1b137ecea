import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { formatSessionId } from '#contract/session-id';
import type { Role } from '../../services/gateway/api/role.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { describeInBrowser } from '../support/open-browser.ts';
import { expectAccessible, useConsole } from '../support/start-console.ts';
import { answerTo } from '../support/system-talk.ts';

/** A browser and seven processes share the machine with other tests. */
const patient = { timeout: 150_000 };

describeInBrowser('the pages on which an operator looks at conversations', () => {
  const stage = useConsole({ withModel: true });
  const open = (role: Role, at: string): Promise<Page> =>
    stage().signIn({ user: stage().system.reviewers[0].userId, role }, at);

  it(
    'the timeline of a conversation grows while it is looked at: message, drafts, reply, then route, steps and cost',
    patient,
    async () => {
      const { system, model } = stage();
      const ann = await system.user('ann');
      const room = await system.direct(ann);
      const first = await ann.say(room, 'How do I reset my 2FA?');
      await answerTo(system, room, first);
      // A model that understands nothing is replaced by the examples; what it writes is streamed.
      const nothing = [{ kind: 'calls' as const, calls: [{ name: 'understand', arguments: '' }] }];
      model.on(/recovery codes/, nothing, 'understand');
      const words = Array.from(
        { length: 12 },
        (_, index) => `Sentence number ${index + 1} about recovery codes.`,
      );
      model.on(
        /recovery codes/,
        [{ kind: 'text', text: words.join(' '), chunkSize: 40, delayMs: 600 }],
        null,
      );
      const page = await open('viewer', 'conversations');
      await openConversation(page, ann);
      const story = page.getByRole('region', { name: 'What happened' });
      const turns = story.getByRole('article');
      await eventually(async () => (await turns.count()) === 1, { what: 'the first turn is shown' });

      await ann.say(room, 'Where do I find my recovery codes?');

      const newest = turns.last();
      await newest.getByText('Where do I find my recovery codes?').waitFor();
      await newest.getByText('writes …').waitFor();
      const begun = await newest.locator('.bubble.bot .markdown').innerText();
      const grown = async () => (await newest.locator('.bubble.bot .markdown').innerText()).length;
      await eventually(async () => (await grown()) > begun.length, { what: 'the draft grows' });
      await newest.getByText('Sentence number 12 about recovery codes.').waitFor();
      await newest.getByText('writes …').waitFor({ state: 'detached' });
      const account = newest.locator('details.account');
      await account.locator('summary').click();
      await account
        .getByText(/account_security/)
        .first()
        .waitFor();
      const told = await account.innerText();
      expect(told).toMatch(/Understood as/);
      expect(told).toMatch(/worker-1/);
      expect(told).toMatch(/tokens in/);
      expect(
        await account.getByRole('list', { name: 'Steps' }).getByRole('listitem').count(),
      ).toBeGreaterThan(1);
      await expectAccessible(page);
    },
  );

  it('an event that is pasted is told: in words, with its turn', patient, async () => {
    const { system } = stage();
    const ben = await system.user('ben');
    const room = await system.direct(ben);
    const asked = await ben.say(room, 'How do I reset my 2FA?');
    const answered = await answerTo(system, room, asked);
    const page = await open('viewer', 'conversations');

    await page.getByLabel('Why was this said?').fill(answered.event.event_id);
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: 'Why' }).waitFor();
    await page.getByText('The turn of the message').waitFor();
    await page.getByText(/A message was received from/).waitFor();
    const session = formatSessionId({ room, thread: null, user: ben.userId });
    const link = page.getByRole('link', { name: 'The whole conversation' });
    expect(decodeURIComponent((await link.getAttribute('href')) ?? '')).toContain(session);
    await expectAccessible(page);
  });

  it('a viewer is offered no change anywhere', patient, async () => {
    const { system } = stage();
    const cleo = await system.user('cleo');
    const room = await system.direct(cleo);
    await answerTo(system, room, await cleo.say(room, 'How do I reset my 2FA?'));
    const letter = await system.redis.xadd(system.keys.stream(0, 'dead'), '*', 'v', '1', 'reason', 'boom');
    const page = await open('viewer', 'conversations');
    const changes = page
      .locator('main')
      .getByRole('button', { name: /reset|switch off|switch on|replay|drop/i });

    await openConversation(page, cleo);
    expect(await changes.count()).toBe(0);
    await page.goto(`${stage().url}/#/letters/0:${letter}`);
    await page.getByText('An operator can replay or drop it.').waitFor();
    expect(await changes.count()).toBe(0);
    await page.goto(`${stage().url}/#/switches`);
    await page.getByText('An operator can switch rooms').waitFor();
    expect(await changes.count()).toBe(0);
    await system.redis.del(system.keys.stream(0, 'dead'));
  });
});

/** One person's conversation, from the list. */
async function openConversation(page: Page, { userId }: MatrixUser): Promise<void> {
  const name = userId.slice(1).split(':', 1)[0] ?? '';
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
