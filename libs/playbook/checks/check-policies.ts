import type { PlaybookProblem } from '../errors.ts';
import { builtInTools } from '../load-options.ts';
import { type CheckContext, checkUse } from './context.ts';

/** What `policies.yaml` and `tools.yaml` say of tools: the security protocol, rooms and servers. */
export function checkPolicies(context: CheckContext): PlaybookProblem[] {
  return [...checkSecurity(context), ...checkRooms(context), ...checkServers(context)];
}

function checkSecurity({ sources, tools, risks }: CheckContext): PlaybookProblem[] {
  const { value, problemAt } = sources.policies;
  return Object.entries(value?.security.tools ?? {}).flatMap(([category, names]) =>
    names.flatMap((name, index) => {
      const path = ['security', 'tools', category, index];
      const risk = risks.get(name) ?? 'low';
      const message = `"${name}" is of ${risk} risk, and these run at once`;
      const risky = risk === 'low' ? [] : [problemAt(path, message, 'Name tools of low risk only')];
      return [...checkUse({ kind: 'tool', name, path }, tools, problemAt), ...risky];
    }),
  );
}

function checkRooms({ sources, tools }: CheckContext): PlaybookProblem[] {
  const { value, problemAt } = sources.policies;
  return Object.entries(value?.rooms ?? {}).flatMap(([room, names]) =>
    names.flatMap((name, index) =>
      checkUse({ kind: 'tool', name, path: ['rooms', room, index] }, tools, problemAt),
    ),
  );
}

/** Tools have one name each, wherever they come from. */
function checkServers({ sources, code }: CheckContext): PlaybookProblem[] {
  const { value, problemAt } = sources.tools;
  const owners = new Map<string, string>([
    ...[...(code?.tools.keys() ?? [])].map((name): [string, string] => [name, 'vagent']),
    ...builtInTools.map((name): [string, string] => [name, 'vagent']),
  ]);
  return Object.entries(value?.mcp ?? {}).flatMap(([server, { tools }]) =>
    Object.keys(tools).flatMap((tool) => {
      const owner = owners.get(tool);
      owners.set(tool, `the server "${server}"`);
      if (owner === undefined) return [];
      const message = `a second tool "${tool}": ${owner} has one`;
      return [problemAt(['mcp', server, 'tools', tool], message, 'Switch one of them off')];
    }),
  );
}
