import { z } from 'zod';
import { ToolError } from '#agents/errors';
import type { RecordsStore } from './records-store.ts';

const answer = z.object({ project: z.string(), deleted: z.int().nonnegative() });

/** A records store behind HTTP: `DELETE {url}/projects/{project}/records` with an `Idempotency-Key` header. */
export function createHttpRecordsStore(url: string): RecordsStore {
  const base = url.replace(/\/+$/, '');
  return {
    deleteRecords: async (project, { idempotencyKey, signal }) => {
      const response = await send(
        `${base}/projects/${encodeURIComponent(project)}/records`,
        idempotencyKey,
        signal,
      );
      if (response.status >= 500 || response.status === 429) {
        throw failure(`The records store answered ${response.status}`, 'unknown', true);
      }
      if (!response.ok)
        throw failure(`The records store refused with status ${response.status}`, 'no', false);
      const read = answer.safeParse(await response.json().catch(() => undefined));
      if (!read.success)
        throw failure('The records store answered with something else than a count', 'unknown', true);
      return read.data;
    },
  };
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
