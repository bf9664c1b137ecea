import { z } from 'zod';
import { ToolError } from '#agents/errors';
import { readBounded } from './read-bounded.ts';
import type { RecordsStore } from './records-store.ts';

const answer = z.object({ project: z.string(), deleted: z.int().nonnegative() });

const largestAnswer = 65_536;
/** Beside those from 500 on: too late, being worked on under this key (409, 425), too often. */
const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** A records store behind HTTP: `DELETE {url}/projects/{project}/records` with an `Idempotency-Key` header. */
export function createHttpRecordsStore(url: string): RecordsStore {
  const base = url.replace(/\/+$/, '');
  return {
    deleteRecords: async (project, { idempotencyKey, signal }) => {
      // However they are encoded, a URL takes these for a way to another place.
      if (/^\.{1,2}$/.test(project) || !project.isWellFormed()) {
        throw failure(`${JSON.stringify(project)} is not the name of a project`, 'no', false);
      }
      const response = await send(
        `${base}/projects/${encodeURIComponent(project)}/records`,
        idempotencyKey,
        signal,
      );
      const { status, ok } = response;
      if (!ok) await response.body?.cancel();
      if (status >= 500 || passing.has(status)) {
        throw failure(`The records store answered ${status}`, 'unknown', true);
      }
      if (!ok) throw failure(`The records store refused with status ${status}`, 'no', false);
      const read = answer.safeParse(await readJson(response, signal));
      if (!read.success)
        throw failure('The records store answered with something else than a count', 'unknown', true);
      return read.data;
    },
  };
}

/** Undefined where it breaks off, is too large, or is no JSON. */
async function readJson({ body }: Response, signal: AbortSignal): Promise<unknown> {
  if (body === null) return undefined;
  try {
    // Node's streams of the web have the iterator that their type lacks.
    const bytes = await readBounded(
      body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>,
      largestAnswer,
    );
    return bytes === undefined ? undefined : JSON.parse(bytes.toString());
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function send(url: string, idempotencyKey: string, signal: AbortSignal): Promise<Response> {
  try {
    const headers = { 'idempotency-key': idempotencyKey };
    return await fetch(url, { method: 'DELETE', headers, signal, redirect: 'error' });
  } catch (error) {
    signal.throwIfAborted();
    throw failure('The records store cannot be reached, or broke off', 'unknown', true, error);
  }
}

function failure(
  message: string,
  wasApplied: 'no' | 'unknown',
  retryable: boolean,
  cause?: unknown,
): ToolError {
  return new ToolError('delete_records', message, { wasApplied, retryable, cause });
}
