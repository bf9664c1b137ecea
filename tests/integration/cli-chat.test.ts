import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { eventually } from '../support/eventually.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { runCli, startCli } from './cli-process.ts';

const prompt =
  'Approval needed\nAction 1 of 1: delete_records, digest 1a2b3c4d\n    {"project":"Apollo"}\nRisk: medium\nCode: 7K3Q9D\nAnswer: reply here';

describe('vagent chat against any homeserver', () => {
  let homeserver: Homeserver;
  let bot: MatrixUser;
  let rita: MatrixUser;
  let room: string;
  let adminRoom: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    homeserver = createHomeserver();
    await homeserver.start();
  });

  // Rooms of their own for each test, and for each try of it: what stands in a room is answered and decided on.
  beforeEach(async () => {
    const tag = randomBytes(4).toString('hex');
    bot = await MatrixUser.register(homeserver.url, `bot-${tag}`);
    const ana = await MatrixUser.register(homeserver.url, `ana-${tag}`);
    rita = await MatrixUser.register(homeserver.url, `rita-${tag}`);
    room = await bot.createRoom({ name: 'Help', invite: [ana.userId] });
    adminRoom = await bot.createRoom({ name: 'Admin', invite: [rita.userId] });
    await ana.join(room);
    await rita.join(adminRoom);
    env = {
      VAGENT_DIR: '/nonexistent/vagent',
      MATRIX_HOMESERVER: homeserver.url,
      CHAT_USER: `ana-${tag}`,
      CHAT_PASSWORD: `pw-ana-${tag}`,
      CHAT_REVIEWER: `rita-${tag}`,
      CHAT_REVIEWER_PASSWORD: `pw-rita-${tag}`,
      ADMIN_ROOM_ID: adminRoom,
    };
  });

  afterAll(() => homeserver.stop());

  const vagent = (kind: string, turn: string): Record<string, unknown> => ({
    'dev.vagent': {
      kind,
      session: `${room}:main:@ana:localhost`,
      turn,
      entry: '1-1',
      ...(kind === 'approval' ? { approval: '7K3Q9DAAAAAAAAAAAAAA' } : {}),
    },
  });

  const nameOf = ({ userId }: MatrixUser): string => userId.slice(1).replace(/:.*/, '');

  it('says each line, prints the final reply alone, and waits for it at the end of the input', async () => {
    const talking = runCli(['chat'], env, 'What is the answer?\n');
    const question = await bot.waitFor(room, ({ content }) => content['body'] === 'What is the answer?');
    const draft = await bot.send(room, {
      msgtype: 'm.text',
      body: 'For',
      ...vagent('draft', question.event_id),
    });
    const text = { msgtype: 'm.text', body: 'Forty-two', ...vagent('reply', question.event_id) };
    const relation = { rel_type: 'm.replace', event_id: draft };
    await bot.send(room, { ...text, body: '* Forty-two', 'm.new_content': text, 'm.relates_to': relation });
    expect(await talking).toEqual({ code: 0, stdout: `[you] ${nameOf(bot)}: Forty-two\n`, stderr: '' });
  });

  it('answers a prompt as the reviewer, by a reply to it', async () => {
    const child = startCli(['chat', '--json', '--wait', '20'], env);
    if (child.stdout === null || child.stdin === null) throw new Error('The process has no input or output');
    const printed: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(JSON.parse(line)));
    child.stdin.write('Hello\n');
    const hello = await bot.waitFor(room, ({ content }) => content['body'] === 'Hello');
    const asked = await bot.send(adminRoom, {
      msgtype: 'm.text',
      body: prompt,
      ...vagent('approval', hello.event_id),
    });
    await eventually(() => printed.some(({ tab, code }) => tab === 'reviewer' && code === '7K3Q9D'));
    let told = '';
    child.stderr?.on('data', (chunk) => {
      told += String(chunk);
    });
    child.stdin.write('/reviewer\napprove\n');
    await eventually(() => told.includes('decided nothing') && told.includes('/approve 7K3Q9D'));
    child.stdin.write('/reject 7K3Q9D not today\n');
    const said = await bot.waitFor(
      adminRoom,
      ({ content }) => content['body'] === 'reject because not today',
    );
    expect(said).toMatchObject({
      sender: rita.userId,
      content: { 'm.relates_to': { 'm.in_reply_to': { event_id: asked } } },
    });
    const gone = once(child, 'close');
    child.stdin.end('/quit\n');
    await gone;
    expect(child.exitCode).toBe(0);
  });

  it('says that no answer came, and exits with 1', async () => {
    const { code, stderr } = await runCli(['chat', '--wait', '0.2'], env, 'Anybody there?\n');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'No answer within 0.2 s\n' });
  });

  it('decides nothing where nothing waits', async () => {
    const { code, stderr } = await runCli(
      ['chat'],
      {
        ...env,
        CHAT_ROOM: room,
        ADMIN_ROOM_ID: room,
        CHAT_REVIEWER: env['CHAT_USER'] ?? '',
        CHAT_REVIEWER_PASSWORD: env['CHAT_PASSWORD'] ?? '',
      },
      '/approve\n/aprove\n',
    );
    expect(code).toBe(0);
    expect(stderr).toBe(
      'No approval waits. Nothing was decided\nThere is no /aprove. Did you mean /approve?\n',
    );
  });

  it.each([
    [{ CHAT_PASSWORD: 'wrong' }, 'check CHAT_USER and CHAT_PASSWORD'],
    [{ CHAT_PASSWORD: '' }, 'CHAT_PASSWORD is missing: set it to the password of ana-'],
    [{ MATRIX_HOMESERVER: 'http://127.0.0.1:1' }, 'check MATRIX_HOMESERVER'],
    [{ MATRIX_HOMESERVER: '' }, 'MATRIX_HOMESERVER is missing'],
  ])('says what to mend with %j', async (changed, says) => {
    const { code, stderr } = await runCli(['chat'], { ...env, ...changed });
    expect(stderr).toContain(says);
    expect(code).toBe(1);
  });
});
