import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runAction } from '#agents/actions/run-action';
import { createDesk } from '#agents/desk/create-desk';
import { createLocalStores } from '#agents/desk/create-local-stores';
import { DuplicateToolError, McpSecretsError } from '#agents/errors';
import { createGate } from '#agents/tools/create-gate';
import { openMcpSession } from '#agents/tools/mcp/open-mcp-session';
import { type McpOptions, openMcpTools } from '#agents/tools/mcp/open-mcp-tools';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { loadPlaybook } from '#playbook/load-playbook';
import type { McpServer, McpTool } from '#playbook/playbook';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startMcpHttpServer } from '../support/mcp-http-server.ts';

const ended = new AbortController();
afterAll(() => ended.abort());

const usual: McpTool = {
  risk: 'low',
  isRepeatable: true,
  timeoutMs: 5_000,
  attempts: 1,
  longestResult: 1_000,
};
const script = new URL('../support/mcp-stdio-server.ts', import.meta.url).pathname;
const playbookDir = new URL('../../services/worker/playbook', import.meta.url).pathname;
const names = [
  'echo',
  'environment',
  'slow',
  'die',
  'giant',
  'lie',
  'complain',
  'count',
  'reveal',
  'odd',
  'hidden',
];

/** Waits until nothing is thrown any more. */
async function until(check: () => unknown): Promise<void> {
  await eventually(async () => {
    await check();
    return true;
  });
}

interface ServerOptions {
  readonly transport?: McpServer['transport'];
  readonly secrets?: Record<string, string>;
  readonly args?: readonly string[];
  readonly tools?: Record<string, Partial<McpTool>>;
}

function serverOf({ transport, secrets = {}, args = [], tools = {} }: ServerOptions = {}): McpServer {
  const declared = names.map((name) => [name, { ...usual, ...tools[name] }] as const);
  const stdio = { kind: 'stdio', command: process.execPath, args: [script, ...args] } as const;
  return { name: 'test', transport: transport ?? stdio, secrets, tools: new Map(declared) };
}

async function open(server: McpServer, options: Partial<McpOptions> = {}) {
  const lines: { msg: string; line?: string }[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const opened = await openMcpTools(new Map([[server.name, server]]), {
    env: {},
    log,
    signal: ended.signal,
    startMs: 10_000,
    backoff: { baseMs: 50, maxMs: 200 },
    ...options,
  });
  const registry = createToolRegistry(opened.tools);
  const gate = createGate({ tools: registry, policyOf: () => undefined, roomTools: new Map() });
  const call = (name: string, args: unknown, idempotencyKey = 's:t:1') =>
    gate.call({ name, args, allowed: undefined, room: '!r:x', idempotencyKey, signal: ended.signal });
  return { opened, registry, call, lines, [Symbol.asyncDispose]: () => opened.close() };
}

describe.each(['stdio', 'http'] as const)('a server over %s', (kind) => {
  async function start(options: ServerOptions = {}) {
    const http = kind === 'http' ? await startMcpHttpServer() : undefined;
    const transport = http === undefined ? {} : { transport: { kind: 'http' as const, url: http.url } };
    const mcp = await open(serverOf({ ...options, ...transport }));
    const dispose = async () => {
      await mcp.opened.close();
      await http?.[Symbol.asyncDispose]();
    };
    return { ...mcp, http, [Symbol.asyncDispose]: dispose };
  }

  it('gives the declared tools only, each call with its idempotency key', async () => {
    await using mcp = await start();
    expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done', text: 'hi under s:t:1' });
    expect(await mcp.call('undeclared', {})).toMatchObject({ status: 'refused' });
    const [echo] = mcp.registry.descriptions();
    expect(echo).toMatchObject({
      name: 'echo',
      description: 'Says it again.',
      schema: { required: ['text'] },
    });
  });

  it('counts once for a key', async () => {
    await using mcp = await start();
    for (const key of ['a', 'a', 'b', 'a']) await mcp.call('count', { by: 2 }, key);
    expect(await mcp.call('count', { by: 2 }, 'b')).toMatchObject({ status: 'done', data: { total: 4 } });
  });

  it('refuses arguments that do not fit its schema before a call', async () => {
    await using mcp = await start();
    const wrong: [name: string, args: object, words: string][] = [
      ['echo', {}, '`text` is missing'],
      ['echo', { text: 'x'.repeat(101) }, '`text`:'],
      ['echo', { text: 'hi', more: 1 }, 'do not fit'],
      ['count', { by: 0 }, '`by`:'],
      ['count', { by: '2' }, '`by`:'],
      ['odd', { a: 1 }, 'cannot be read'],
    ];
    for (const [name, args, words] of wrong) {
      const outcome = await mcp.call(name, args);
      expect(outcome).toMatchObject({ status: 'refused', text: expect.stringContaining(words) });
    }
  });

  it.each([
    ['slow', { ms: 60_000 }, 'gave no answer within 0.3 s'],
    ['lie', {}, 'something else than it promises'],
    ['complain', {}, '`complain` says: I do not want to.'],
    ['hidden', {}, 'does not offer it now'],
    ['giant', { length: 11 * 1024 * 1024 }, 'gave no answer within 1 s'],
  ])('calls %s failed with words, and works on', async (name, args, words) => {
    await using mcp = await start({ tools: { slow: { timeoutMs: 300 }, giant: { timeoutMs: 1_000 } } });
    expect(await mcp.call(name, args)).toMatchObject({
      status: 'failed',
      text: expect.stringContaining(words),
    });
    await until(async () => expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done' }));
  });

  it('cuts a long result', async () => {
    await using mcp = await start();
    const outcome = await mcp.call('giant', { length: 500_000 });
    expect(outcome).toMatchObject({
      status: 'done',
      text: expect.stringContaining('499000 characters were left out'),
    });
  });

  it('notices tools that appear and disappear', async () => {
    await using mcp = await start();
    const described = () => mcp.registry.descriptions().map(({ name }) => name);
    expect(described()).not.toContain('hidden');
    await mcp.call('reveal', { on: true });
    await until(() => expect(described()).toContain('hidden'));
    expect(await mcp.call('hidden', {})).toMatchObject({ status: 'done', text: 'found' });
    await mcp.call('reveal', { on: false });
    await until(() => expect(described()).not.toContain('hidden'));
  });

  it('proposes what is of high risk and never calls it', async () => {
    await using mcp = await start({ tools: { die: { risk: 'high', isRepeatable: false } } });
    expect(await mcp.call('die', {})).toMatchObject({ status: 'proposed', action: { name: 'die' } });
    expect(mcp.opened.states()).toEqual([{ server: 'test', isConnected: true }]);
  });
});

describe('a server over stdio', () => {
  it('is started again when it has died', async () => {
    await using mcp = await open(serverOf());
    expect(await mcp.call('die', {})).toMatchObject({ status: 'failed' });
    await until(async () => expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done' }));
  });

  it('gets the named secrets and a minimal environment', async () => {
    const env = { FORGE_TOKEN: 's3cret', REDIS_PASSWORD: 'other' };
    await using mcp = await open(serverOf({ secrets: { TOKEN: 'FORGE_TOKEN' } }), { env });
    const outcome = await mcp.call('environment', {});
    expect(outcome).toMatchObject({ data: { token: 's3cret' } });
    const allowed = ['TOKEN', 'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
    const given =
      outcome.status === 'done' ? z.object({ names: z.array(z.string()) }).parse(outcome.data).names : [];
    expect(given.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('has its words in the log at debug only', async () => {
    await using mcp = await open(serverOf());
    await until(() =>
      expect(mcp.lines).toContainEqual(
        expect.objectContaining({ level: 20, line: expect.stringContaining('here I am') }),
      ),
    );
  });

  it.each([[[]], [['--stubborn']]])('ends with us, started with %j', async (args) => {
    const mcp = await open(serverOf({ args }));
    const pid = await eventually(() => {
      const said = mcp.lines.map(({ line }) => /here I am, (\d+)/.exec(line ?? '')?.[1]).find(Boolean);
      expect(said).toBeDefined();
      return Number(said);
    });
    expect(() => process.kill(pid, 0)).not.toThrow();
    await mcp.opened.close();
    await until(() => expect(() => process.kill(pid, 0)).toThrow());
  });

  it('that does not exist stops nobody; its tools fail with words', async () => {
    const transport = { kind: 'stdio', command: '/no/such/program', args: [] } as const;
    await using mcp = await open(serverOf({ transport, tools: { echo: { timeoutMs: 400 } } }), {
      startMs: 50,
    });
    expect(mcp.registry.descriptions()).toEqual([]);
    expect(await mcp.call('echo', { text: 'hi' })).toEqual({
      status: 'failed',
      text: '`echo` cannot be used: its server test cannot be reached now. Nothing was run.',
    });
  });
});

describe('a server whose list of tools is out of order', () => {
  it.each(['stdio', 'http'] as const)(
    'over %s: one without an end is read to a certain length',
    async (kind) => {
      await using http = await startMcpHttpServer({ listing: 'endless' });
      const transport = { kind: 'http', url: http.url } as const;
      const server = kind === 'http' ? serverOf({ transport }) : serverOf({ args: ['--endless'] });
      await using mcp = await open(server);
      expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done' });
      if (kind === 'http') expect(http.state.listed.times).toBeLessThanOrEqual(50);
    },
  );

  it('one that changes whenever it is read is read again, one after the other', async () => {
    await using http = await startMcpHttpServer({ listing: 'restless' });
    await using mcp = await open(serverOf({ transport: { kind: 'http', url: http.url } }));
    await until(() => expect(http.state.listed.times).toBeGreaterThan(6));
    expect(http.state.listed.most).toBe(1);
    expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done' });
  });

  it('one that never comes holds nobody up who wants to stop', async () => {
    await using http = await startMcpHttpServer({ listing: 'silent' });
    const mcp = await open(serverOf({ transport: { kind: 'http', url: http.url } }), { startMs: 1 });
    await until(() => expect(http.state.listed.now).toBe(1));
    const stopped = mcp.opened.close().then(() => 'stopped');
    // The client itself gives up after 15 s.
    expect(await Promise.race([stopped, sleep(14_000, 'late', { ref: false })])).toBe('stopped');
  });
});

describe('a session with a server', () => {
  const log = pino({ level: 'silent' });

  it('is closed for everybody while its child takes its time to end', async () => {
    const lines: string[] = [];
    const told = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
    const { signal } = new AbortController();
    const session = await openMcpSession(serverOf({ args: ['--stubborn'] }), {
      secrets: {},
      log: told,
      signal,
    });
    const pid = await eventually(() => Number(/here I am, (\d+)/.exec(lines.join())?.[1]));
    const ending = session.close();
    await session.closed;
    expect(() => process.kill(pid, 0)).not.toThrow();
    await ending;
    await until(() => expect(() => process.kill(pid, 0)).toThrow());
  });

  it('leaves nothing on the signal that outlives it', async () => {
    const { signal } = new AbortController();
    const session = await openMcpSession(serverOf(), { secrets: {}, log, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await session.close();
  });
});

describe('a server over http', () => {
  it('gets secrets and the idempotency key as headers', async () => {
    await using http = await startMcpHttpServer();
    const transport = { kind: 'http', url: http.url } as const;
    const server = serverOf({ transport, secrets: { authorization: 'FORGE_TOKEN' } });
    await using mcp = await open(server, { env: { FORGE_TOKEN: 'Bearer s3cret' } });
    await mcp.call('echo', { text: 'hi' }, 'session:turn:step');
    expect(http.headers.every(({ authorization }) => authorization === 'Bearer s3cret')).toBe(true);
    expect(http.headers.at(-1)).toMatchObject({ 'idempotency-key': 'session:turn:step' });
  });

  it('is used as soon as it is there, and again after it was gone', async () => {
    const port = await freePort();
    const transport = { kind: 'http', url: `http://127.0.0.1:${port}/mcp` } as const;
    await using mcp = await open(serverOf({ transport, tools: { echo: { timeoutMs: 400 } } }), {
      startMs: 50,
    });
    expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'failed' });
    for (let round = 0; round < 2; round += 1) {
      await using _http = await startMcpHttpServer({ port });
      await until(async () =>
        expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'done' }),
      );
    }
    expect(await mcp.call('echo', { text: 'hi' })).toMatchObject({ status: 'failed' });
  });
});

describe('openMcpTools', () => {
  it('names every secret that is missing, and starts nothing', async () => {
    const opening = open(serverOf({ secrets: { TOKEN: 'FORGE_TOKEN', KEY: 'FORGE_KEY' } }));
    await expect(opening).rejects.toThrow(McpSecretsError);
    await expect(opening).rejects.toThrow(/TOKEN from FORGE_TOKEN.*KEY from FORGE_KEY/);
  });

  it('connects to nothing once it is to end', async () => {
    await using http = await startMcpHttpServer();
    const server = serverOf({ transport: { kind: 'http', url: http.url } });
    await using mcp = await open(server, { signal: AbortSignal.abort() });
    expect(mcp.opened.states()).toEqual([{ server: 'test', isConnected: false }]);
    expect(http.headers).toEqual([]);
  });

  it('refuses one name from two servers', async () => {
    const servers = new Map(['a', 'b'].map((name) => [name, { ...serverOf(), name }]));
    const options = { env: {}, log: pino({ level: 'silent' }), signal: ended.signal };
    await expect(openMcpTools(servers, options)).rejects.toThrow(DuplicateToolError);
  });

  it('checks the arguments again before an approved action runs', async () => {
    await using mcp = await open(serverOf({ tools: { count: { risk: 'high', isRepeatable: false } } }));
    const tool = mcp.registry.get('count');
    if (tool === undefined) throw new Error('no tool');
    const run = { tool, args: { by: -1 }, idempotencyKey: 'k', signal: ended.signal };
    expect(await runAction(run)).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('Nothing was run'),
    });
  });
});

describe('createDesk', () => {
  it('leaves no server of tools connected where the rest cannot be compiled', async () => {
    await using http = await startMcpHttpServer();
    const { signal } = new AbortController();
    const playbook = await loadPlaybook(playbookDir, { reviewers: ['@rev:example.org'] });
    const server = serverOf({ transport: { kind: 'http', url: http.url } });
    const never = () => Promise.reject(new Error('nobody asks'));
    const stores = {
      ...createLocalStores(),
      get understood(): never {
        throw new Error('there is no cache');
      },
    };
    const opening = createDesk(
      { ...playbook, mcp: new Map([[server.name, server]]) },
      {
        model: () => ({ write: never, fill: never, act: never }),
        modelName: 'sample',
        tools: [],
        stores,
        env: {},
        log: pino({ level: 'silent' }),
        signal,
      },
    );
    await expect(opening).rejects.toThrow('there is no cache');
    expect(http.headers.length).toBeGreaterThan(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
