import type { FastifyInstance } from 'fastify';
import { BadRequestError } from '#operations/errors';

/** Far more than arguments of a tool have. Whatever walks through a body later may then recurse. */
const mostLevels = 100;

/** Bodies that nest deeper are refused before anything but the parser has seen them, which needs no stack for them. */
export function refuseDeepBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ body }) => {
    if (isDeeper(body, mostLevels))
      throw new BadRequestError(`The body nests deeper than ${mostLevels} levels: send it flatter`);
  });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}
