import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeInBrowser } from '../support/open-browser.ts';
import { useConsole } from '../support/start-console.ts';

describeInBrowser('the playground', () => {
  const stage = useConsole({ withModel: true });
  const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');

  /** The names of the reviewers' accounts carry a tag of the test. */
  const reviewer = (index: 0 | 1) => ({
    user: stage().system.reviewers[index].userId,
    role: 'operator' as const,
  });

  async function ask(page: Page, text: string): Promise<void> {
    await page.getByLabel('Your message').fill(text);
    await page.getByLabel('Your message').press('Enter');
  }

  it('shows the reply while it grows, to its end', async () => {
    const page = await stage().signIn(reviewer(0), 'playground');
    stage().model.on(/grow slowly/, [{ kind: 'text', text: words, chunkSize: 40, delayMs: 700 }], null);
    await ask(page, 'Please grow slowly');
    const reply = page.locator('.chat-bubble.reply');
    await page.locator('.chat-bubble.reply[data-final=false]').getByText('word0').waitFor();
    const early = (await reply.innerText()).length;
    await page.locator('.chat-bubble.reply[data-final=true]').getByText('word59').waitFor();
    expect(early).toBeLessThan((await reply.innerText()).length);
    expect(await reply.count()).toBe(1);
  });

  it('goes on with a reply after a reload in the middle of it, without a second message', async () => {
    const page = await stage().signIn(reviewer(0), 'playground');
    stage().model.on(/keep growing/, [{ kind: 'text', text: words, chunkSize: 30, delayMs: 700 }], null);
    await ask(page, 'Please keep growing');
    await page.locator('.chat-bubble.reply[data-final=false]').getByText('word0').waitFor();
    await page.reload();
    await page.locator('.chat-bubble.reply[data-final=true]').getByText('word59').waitFor();
    expect(await page.locator('.chat-bubble.mine').allInnerTexts()).toEqual(['Please keep growing']);
    expect(await page.locator('.chat-bubble.reply').count()).toBe(1);
  });

  it('plays both sides: asked for, edited, approved, and the result in the conversation', async () => {
    const before = stage().tools.calls.length;
    const page = await stage().signIn(reviewer(0), 'playground');
    await ask(page, 'Please delete all records of project Apollo');
    const side = page.getByRole('region', { name: 'You, the reviewer' });
    await side.getByText('"Apollo"', { exact: true }).waitFor();
    await page.locator('.chat').click();
    await page.keyboard.press('e');
    await side.getByLabel('project').fill('Borealis');
    const diff = side.getByRole('region', { name: 'What the edit changes' });
    expect(await diff.innerText()).toMatch(/project: "Apollo"[\s\S]*project: "Borealis"/);
    await side.getByRole('button', { name: 'Approve the edit' }).click();
    await page.locator('.chat-bubble.reply').getByText('Borealis').first().waitFor();
    await side.getByText('edited and approved').waitFor();
    expect(
      stage()
        .tools.calls.slice(before)
        .map(({ project }) => project),
    ).toEqual(['Borealis']);
    const story = page.getByRole('region', { name: 'What happened' });
    await story.getByText('A decision').waitFor();
    expect(await story.innerText()).toContain('delete_records');
  });

  it('tells a second reviewer at once that it is decided already, and by whom', async () => {
    // Of this try alone.
    const project = `Cetus-${randomBytes(3).toString('hex')}`;
    const first = await stage().signIn(reviewer(0), 'playground');
    const second = await stage().signIn(reviewer(1), 'inbox');
    await ask(first, `Please delete all records of project ${project}`);
    const side = first.getByRole('region', { name: 'You, the reviewer' });
    await side.getByText(`"${project}"`).waitFor();
    // A page that is behind: nothing tells it what the other one does.
    await second.routeWebSocket(/\/api\/v1\/live/, () => undefined);
    const known = await second.request.get(`${stage().url}/api/v1/approvals?status=recent`);
    const list: unknown = await known.json();
    await second.route(/\/api\/v1\/approvals\?/, (route) => route.fulfill({ json: list }));
    await second.reload();
    await second.getByRole('link', { name: new RegExp(project) }).click();
    await second.getByRole('button', { name: /^Approve/ }).waitFor();
    await side.getByRole('button', { name: /^Approve/ }).click();
    await first.locator('.chat-bubble.reply').getByText(project).first().waitFor();
    await second.getByRole('button', { name: /^Approve/ }).click();
    await second.getByText(`already decided by ${reviewer(0).user}`).waitFor();
    expect(stage().tools.calls.filter((call) => call.project === project)).toHaveLength(1);
  });
});
