import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, pipeline } from './forge-desk.ts';
import { notFound } from './not-found.ts';

const args = z.strictObject({ organisation: deskArguments.organisation });

export function createReadPipeline(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'read_pipeline',
    description: "Reads the state of an organisation's pipelines: whether they fail, since when, and why.",
    args,
    data: pipeline,
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ organisation }) => {
      const found = await desk.readPipeline(organisation);
      if (found === undefined) throw notFound('read_pipeline', 'organisation', organisation);
      const { state, failing_since, reason } = found;
      const since = failing_since === null ? '' : ` since ${failing_since}`;
      const why = reason === null ? '' : `: ${reason}`;
      return { text: `Pipelines of \`${organisation}\` are **${state}**${since}${why}.`, data: found };
    },
  };
}
