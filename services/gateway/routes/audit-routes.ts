import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type PartitionVerdict, verifyAudit } from '#operations/approvals/verify-audit';
import { BadRequestError } from '#operations/errors';
import { entryTime } from '#operations/streams/entry-time';
import type { Transport } from '#streams/open-transport';
import { auditLines, auditVerdict } from '../api/resources.ts';
import { withinLimit } from '../auth/within-limit.ts';
import type { RouteDeps } from '../route-deps.ts';

type Line = z.output<typeof auditLines>['lines'][number];

/** Reading all of the audit costs Redis something: a person does not need it more often. */
const verificationsPerMinute = 12;
/** A million lines are read and hashed within. */
const verifyMs = 120_000;
const query = z.strictObject({
  partition: z.coerce.number().int().min(0).optional(),
  count: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** Who asked, decided and ran what: the newest lines, and whether every chain is whole. */
export function auditRoutes(
  server: FastifyInstance,
  { transport, authentication }: Pick<RouteDeps, 'transport' | 'authentication'>,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('viewer');
  const verifications = server.createRateLimit({
    max: verificationsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `verify ${request.caller.user}`,
  });

  app.get(
    '/api/v1/audit/verify',
    { preValidation, handlerTimeout: verifyMs, schema: { response: { 200: auditVerdict } } },
    async (request, reply) => {
      await withinLimit(verifications, request, reply);
      const partitions = [];
      for await (const verdict of verifyAudit(transport)) partitions.push(toVerdict(verdict));
      return {
        intact: partitions.every(({ intact }) => intact),
        lines: partitions.reduce((sum, { lines }) => sum + lines, 0),
        partitions,
      };
    },
  );

  app.get(
    '/api/v1/audit',
    { preValidation, schema: { querystring: query, response: { 200: auditLines } } },
    async ({ query: { partition, count } }) => {
      if (partition !== undefined && partition >= transport.partitions)
        throw new BadRequestError(`There are partitions 0 to ${transport.partitions - 1}`);
      return { lines: await readLines(transport, partition, count) };
    },
  );
}

function toVerdict(verdict: PartitionVerdict): z.output<typeof auditVerdict>['partitions'][number] {
  const { partition } = verdict;
  if (verdict.isIntact)
    return { partition, intact: true, lines: verdict.lines, head: verdict.head, problem: null };
  return {
    partition,
    intact: false,
    lines: 0,
    head: null,
    problem: `Line ${verdict.line} ${verdict.reason}`,
  };
}

/** The newest first, of one partition or of all. */
async function readLines(
  { redis, keys, partitions }: Transport,
  only: number | undefined,
  count: number,
): Promise<Line[]> {
  const wanted =
    only === undefined ? Array.from({ length: partitions }, (_, partition) => partition) : [only];
  const found = await Promise.all(
    wanted.map(async (partition) => {
      const entries = await redis.xrevrange(keys.stream(partition, 'audit'), '+', '-', 'COUNT', count);
      return entries.map(([id, fields]): Line => ({ partition, id, fields: toRecord(fields) }));
    }),
  );
  return found
    .flat()
    .sort((a, b) => entryTime(b.id) - entryTime(a.id))
    .slice(0, count);
}

function toRecord(flat: readonly string[]): Record<string, string> {
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
  return Object.fromEntries(pairs);
}
