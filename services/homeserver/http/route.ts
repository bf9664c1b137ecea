import type { z } from 'zod';
import type { Requester } from '../accounts/requester.ts';
import { type Content, isContent } from '../content.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';

/** A request after routing: decoded path parameters, the body not parsed yet. */
export interface MatrixRequest {
  readonly method: string;
  /** Undecoded and without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Aborted when the client went away or the homeserver stops. */
  readonly signal: AbortSignal;
}

/** An answer that is not JSON, such as a media download. */
export class BinaryReply {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;

  constructor(bytes: Uint8Array, headers: Readonly<Record<string, string>>) {
    this.bytes = bytes;
    this.headers = headers;
  }
}

export type Reply = Content | readonly Content[] | BinaryReply;
type Handler<Extra extends unknown[]> = (
  context: Context,
  request: MatrixRequest,
  ...extra: Extra
) => Reply | Promise<Reply>;

/** One endpoint. `paths` are full; `clientPaths` writes the usual versions of one. */
export type Route = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  paths: string[];
  /** Takes a file, of up to `maxUploadBytes`; others take JSON, of up to `maxBodyBytes`. */
  takesFile?: boolean;
} & ({ auth: 'none'; handle: Handler<[]> } | { auth: 'required'; handle: Handler<[requester: Requester]> });

/** The paths of a client-server endpoint in each version that Synapse serves. */
export function clientPaths(path: string, versions: readonly string[] = ['r0', 'v3']): string[] {
  return versions.map((version) => `/_matrix/client/${version}${path}`);
}

/** A parameter that the route's own path declares. */
export function param(request: MatrixRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`The route of ${request.path} declares no parameter "${name}"`);
  return value;
}

/** The body as a JSON object. On most routes Synapse takes an empty body for `{}`; not where it is the content. */
export function jsonBody(request: MatrixRequest, options: { mayBeEmpty?: boolean } = {}): Content {
  if (request.body.length === 0 && options.mayBeEmpty !== false) return {};
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new MatrixError(400, 'M_NOT_JSON', 'Content not JSON.');
  }
  if (!isContent(value)) throw new MatrixError(400, 'M_BAD_JSON', 'Content must be a JSON object.');
  return value;
}

/** The body checked against a schema: M_MISSING_PARAM for what is absent, M_BAD_JSON for what has the wrong type. */
export function parseBody<Schema extends z.ZodType>(
  request: MatrixRequest,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(jsonBody(request));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const isMissing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined');
  if (isMissing) throw new MatrixError(400, 'M_MISSING_PARAM', `Missing params: ${field}`);
  throw new MatrixError(400, 'M_BAD_JSON', `${field}: ${issue?.message ?? 'wrong value'}`);
}

/** A whole number in the query; the fallback when it is absent. */
export function integerQuery(request: MatrixRequest, name: string, fallback: number): number {
  const text = request.query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `Query parameter ${name} must be a whole number`);
  }
  return value;
}
