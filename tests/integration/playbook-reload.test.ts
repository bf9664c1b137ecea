import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPlaybook } from '#playbook/load-playbook';
import { eventually } from '../support/eventually.ts';
import { useStage } from '../support/system-stage.ts';
import { exchange, promptFor } from '../support/system-talk.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const edited = 'the playbook was edited: new sessions use it';
const refused = 'the playbook was edited and cannot be used';

describe('a worker whose playbook is edited while it runs', () => {
  const stage = useStage({ playbook: {} });

  /** The example again, in a version of its own: nothing is left of the test before, nor of this one's first try. */
  beforeEach(async () => {
    const { system, playbook } = stage();
    if (playbook === undefined) throw new Error('The stage has a copy of the playbook');
    const worker = system.process('worker-1');
    if (!worker.isRunning) await system.start(['worker-1']);
    for (const file of ['flows/delete_records.yaml', 'flows/refund.yaml']) {
      const path = join(playbook.folder, file);
      await writeFile(`${path}.new`, `${await readFile(join(example, file), 'utf8')}# ${randomUUID()}\n`);
      await rename(`${path}.new`, path);
    }
    const { version } = await loadPlaybook(playbook.folder, { reviewers: ['@rita:example.org'] });
    const what = `the worker uses ${version}`;
    await eventually(() => worker.log.includes(version.slice(0, 12)), { withinMs: 20_000, what });
  });

  async function meet(person: string) {
    const { system, playbook } = stage();
    if (playbook === undefined) throw new Error('The stage has a copy of the playbook');
    const user = await system.user(person);
    const room = await system.direct(user);
    return { system, playbook, say: (text: string) => exchange(system, user, room, text) };
  }

  /** Makes a change in the folder, and waits until the worker has said so often more what became of it. */
  async function change(make: () => Promise<unknown>, words: string): Promise<string> {
    const worker = stage().system.process('worker-1');
    const before = worker.log.split(words).length;
    await make();
    await eventually(() => worker.log.split(words).length > before, { withinMs: 20_000, what: words });
    return worker.log.slice(worker.log.lastIndexOf(words));
  }

  it('uses an edit for the next conversation, without a restart', async () => {
    const { playbook, say } = await meet('ada');
    expect((await say('I need a refund')).text).toContain('Which invoice is it?');
    const { pid } = stage().system.process('worker-1');
    await change(
      () => playbook.edit('flows/refund.yaml', ['Which invoice is it?', 'Which bill is it?']),
      edited,
    );
    const next = await meet('abe');
    expect((await next.say('I need a refund')).text).toContain('Which bill is it?');
    expect(stage().system.process('worker-1').pid).toBe(pid);
  });

  it('finishes a conversation by the version that it began with, in another process, too', async () => {
    const { system, playbook, say } = await meet('bea');
    await say('I want a refund for invoice INV-1042');
    await change(
      () =>
        playbook.edit(
          'flows/refund.yaml',
          ['How much shall be refunded', 'Which sum shall be refunded'],
          ['What is the reason for the refund?', 'Why do you want it?'],
        ),
      edited,
    );
    const why = await say('why do you need that?');
    expect(why.text).toContain('How much shall be refunded');
    const worker = system.process('worker-1');
    await worker.kill('SIGKILL');
    await system.start(['worker-1']);
    expect((await say('49 EUR')).text).toContain('What is the reason for the refund?');
    const next = await meet('ben');
    expect((await next.say('I want a refund for invoice INV-1042')).text).toContain('Which sum shall be');
    expect((await say('never mind, cancel it')).text).toMatch(/cancelled/i);
    // Nothing is open any more: what comes now is by the newest version.
    expect((await say('I want a refund for invoice INV-1042')).text).toContain('Which sum shall be');
  });

  it('finishes a flow that has been removed meanwhile, and begins it for nobody else', async () => {
    const { system, playbook, say } = await meet('dan');
    expect((await say('Delete all records')).text).toContain('Which project');
    await change(() => playbook.remove('flows/delete_records.yaml'), edited);
    const worker = system.process('worker-1');
    await worker.kill('SIGKILL');
    await system.start(['worker-1']);
    const prompt = await promptFor(system, (await say('Apollo')).message);
    expect(prompt.text).toContain('{"project":"Apollo"}');
    const next = await meet('dot');
    const { text } = await next.say('Please delete all records of project Gemini');
    expect(text).not.toMatch(/Which project|asked a reviewer to approve/);
  });

  it('says so when the version that a conversation began with is lost, and begins anew', async () => {
    const { system, playbook, say } = await meet('eli');
    await say('I want a refund for invoice INV-1042');
    await change(
      () => playbook.edit('flows/refund.yaml', ['Which invoice is it?', 'Which one is it?']),
      edited,
    );
    const worker = system.process('worker-1');
    await worker.kill('SIGTERM');
    await system.redis.del(...(await system.redis.keys(system.keys.playbook('*'))));
    await system.start(['worker-1']);
    const lost = await say('49 EUR');
    expect(lost.text).toContain('has changed in the meantime');
    expect((await say('I need a refund')).text).toContain('Which one is it?');
  });

  it('refuses a broken edit, says where it is wrong, and keeps the one before', async () => {
    const { playbook, say } = await meet('cat');
    const file = 'flows/refund.yaml';
    const broken = () =>
      playbook.edit(file, [
        '- collect: [invoice_id, amount, reason]',
        '- collect: [invoice_id, amout, reason]',
      ]);
    const told = await change(broken, refused);
    expect(told).toMatch(/flows\/refund\.yaml:\d+:\d+ .*amout/);
    expect((await say('I want a refund for invoice INV-1042')).text).toContain('How much shall be refunded');
    const tab = await change(() => appendFile(join(playbook.folder, file), '\n\t- say: x\n'), refused);
    expect(tab).toMatch(/flows\/refund\.yaml:\d+:\d+ /);
    expect((await say('49 EUR')).text).toContain('What is the reason for the refund?');
  });
});
