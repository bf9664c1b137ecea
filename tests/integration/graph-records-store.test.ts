import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolError } from '#agents/errors';
import { createDeleteRecords } from '#agents/tools/create-delete-records';
import { createDemoRecordsStore } from '#agents/tools/create-demo-records-store';
import { createHttpRecordsStore } from '#agents/tools/create-http-records-store';
import { startToolServer } from '../support/tool-server.ts';

const { signal } = new AbortController();

/** A server that answers everything so. */
async function startAnswering(status: number, body: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${address.port}`, asked, [Symbol.asyncDispose]: stop };
}

describe('createDemoRecordsStore', () => {
  it('deletes 128 records of Apollo, and none a second time', async () => {
    const tool = createDeleteRecords(createDemoRecordsStore());
    const first = await tool.run({ project: 'Apollo' }, { idempotencyKey: 'a:0', signal });
    expect(first).toEqual({
      text: 'Project Apollo: 128 records deleted.',
      data: { project: 'Apollo', deleted: 128 },
    });
    const second = await tool.run({ project: 'Apollo' }, { idempotencyKey: 'b:0', signal });
    expect(second.text).toBe('Project Apollo: there were no records left.');
  });

  it('answers a repeated key as the first time and deletes a project once', async () => {
    const call = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      project: fc.constantFrom('Apollo', 'Zeus'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const store = createDemoRecordsStore();
        const answers = new Map<string, unknown>();
        const deleted = new Map<string, number>();
        for (const { key, project } of calls) {
          const answer = await store.deleteRecords(project, { idempotencyKey: key, signal });
          if (answers.has(key)) expect(answer).toEqual(answers.get(key));
          else if (answer.deleted > 0) deleted.set(project, (deleted.get(project) ?? 0) + 1);
          answers.set(key, answer);
        }
        expect([...deleted.values()].every((times) => times === 1)).toBe(true);
      }),
    );
  });
});

describe('createHttpRecordsStore', () => {
  it('sends the key, and a project whose name is no path', async () => {
    await using server = await startToolServer();
    const store = createHttpRecordsStore(`${server.url}/`);
    const answer = await store.deleteRecords('a/b c?', { idempotencyKey: 'k:0', signal });
    expect(answer).toEqual({ project: 'a/b c?', deleted: 106 });
    expect(server.calls).toEqual([{ key: 'k:0', project: 'a/b c?' }]);
  });

  it.each(['.', '..', 'Apollo \ud800'])(
    'asks for nothing by the name %j, which leads elsewhere',
    async (name) => {
      await using server = await startAnswering(200, '{}');
      const calling = createHttpRecordsStore(server.url).deleteRecords(name, {
        idempotencyKey: 'k:0',
        signal,
      });
      await expect(calling).rejects.toMatchObject({ wasApplied: 'no', retryable: false });
      expect(server.asked).toEqual([]);
    },
  );

  it.each([
    [408, '', 'unknown'],
    [409, '', 'unknown'],
    [429, '', 'unknown'],
    [503, '', 'unknown'],
    [403, '', 'no'],
    [404, '', 'no'],
    [200, 'nonsense', 'unknown'],
    [204, '', 'unknown'],
    [200, JSON.stringify({ project: 'x', deleted: 1, more: 'x'.repeat(100_000) }), 'unknown'],
  ])('takes %i %.20s for a call that was applied: %s', async (status, body, wasApplied) => {
    await using server = await startAnswering(status, body);
    const calling = createHttpRecordsStore(server.url).deleteRecords('x', { idempotencyKey: 'k:0', signal });
    await expect(calling).rejects.toMatchObject({ wasApplied, retryable: wasApplied === 'unknown' });
    expect(server.asked).toEqual(['/projects/x/records']);
  });

  it.each(['error', 'lost'] as const)('does not know whether a call was applied after %s', async (way) => {
    await using server = await startToolServer();
    server.misbehave(way);
    const calling = createHttpRecordsStore(server.url).deleteRecords('x', { idempotencyKey: 'k:0', signal });
    const error: unknown = await calling.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({ wasApplied: 'unknown', retryable: true });
  });

  it('ends with the reason of the signal', async () => {
    await using server = await startToolServer();
    server.misbehave('hang');
    const ends = AbortSignal.timeout(50);
    const calling = createHttpRecordsStore(server.url).deleteRecords('x', {
      idempotencyKey: 'k',
      signal: ends,
    });
    await expect(calling).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });
});
