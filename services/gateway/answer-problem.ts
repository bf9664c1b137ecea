import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { BadRequestError, ConflictError, ForbiddenError, NotFoundError } from '#operations/errors';
import { isRedisUnavailable } from '#streams/redis-errors';
import type { Problem } from './api/problem.ts';
import { TooManyRequestsError, UnauthorisedError, UnavailableError } from './errors.ts';

const statuses: Readonly<Record<Problem['code'], number>> = {
  bad_request: 400,
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
};

/** Every answer that is no success, as RFC 9457 wants it. What went wrong inside stays in the log, under the request's id. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  const route = request.routeOptions.url;
  if (problem.status >= 500) request.log.error({ err: error, route }, 'Could not answer a request');
  else request.log.debug({ route, status: problem.status, detail: problem.detail }, 'Refused a request');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

export function answerUnknownPath(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerProblem(new NotFoundError('There is nothing under this path'), request, reply);
}

function problemOf(error: unknown, requestId: string): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(
      ({ instancePath, message }) =>
        `${error.validationContext ?? 'request'}${instancePath}: ${message ?? '?'}`,
    );
    return problem('bad_request', issues.join('; ').slice(0, 1_000));
  }
  const code = codeOf(error);
  if (code === 'internal')
    return problem(code, `Something went wrong. The log tells more under ${requestId}`);
  if (isRedisUnavailable(error))
    return problem(code, 'Redis does not answer at the moment: nothing is lost, try again');
  if (code === 'unavailable' && !(error instanceof UnavailableError))
    return problem(code, 'There was no answer in time, e.g. because Redis gives none: try again');
  return problem(code, error instanceof Error ? error.message : String(error));
}

function problem(code: Problem['code'], detail: string): Problem {
  return { status: statuses[code], code, detail };
}

function codeOf(error: unknown): Problem['code'] {
  if (error instanceof BadRequestError) return 'bad_request';
  if (error instanceof UnauthorisedError) return 'unauthorised';
  if (error instanceof ForbiddenError) return 'forbidden';
  if (error instanceof NotFoundError) return 'not_found';
  if (error instanceof ConflictError) return 'conflict';
  if (error instanceof TooManyRequestsError) return 'too_many_requests';
  if (error instanceof UnavailableError || isRedisUnavailable(error)) return 'unavailable';
  return codeOfStatus(error);
}

/** What fastify itself refuses: bodies that are too large, broken or of another type, requests that end half way. */
function codeOfStatus(error: unknown): Problem['code'] {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return 'too_large';
  if (status === 503) return 'unavailable';
  return status >= 400 && status < 500 ? 'bad_request' : 'internal';
}
