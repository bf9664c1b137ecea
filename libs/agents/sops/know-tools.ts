import { z } from 'zod';
import { riskOf } from '#agents/tools/risk-of';
import type { ToolPolicy } from '#playbook/policies';
import type { KnownTool, ToolSource } from './tool-source.ts';

const shape = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/** The tools of an agent that are there, by name. What is listed but not there (a server that is down) is left out. */
export function knowTools(
  listed: readonly string[],
  source: ToolSource,
  policies: ReadonlyMap<string, Pick<ToolPolicy, 'risk'>>,
): ReadonlyMap<string, KnownTool> {
  const wanted = new Set(listed);
  return new Map(
    source
      .descriptions()
      .filter(({ name }) => wanted.has(name))
      .map((tool) => {
        const { properties = {}, required = [] } = shape.safeParse(tool.schema).data ?? {};
        const declared = source.get(tool.name)?.risk ?? 'high';
        const risk = riskOf(declared, policies.get(tool.name)?.risk ?? declared);
        return [tool.name, { ...tool, risk, args: Object.keys(properties), required }];
      }),
  );
}
