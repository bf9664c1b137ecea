import { createHash } from 'node:crypto';
import type { Risk } from '#contract/approval';
import type { AgentSpec, Sop } from './agent-spec.ts';
import { checkPlaybook } from './checks/check-playbook.ts';
import type { CheckContext } from './checks/context.ts';
import type { PlaybookProblem } from './errors.ts';
import type { FlowSpec } from './flow-spec.ts';
import type { LoadOptions } from './load-options.ts';
import type { McpServer, Playbook } from './playbook.ts';
import type { PlaybookFiles } from './playbook-files.ts';
import { readSources } from './read-sources.ts';
import { resolveFlow } from './resolve-flow.ts';
import { resolveMcp } from './resolve-mcp.ts';
import { resolvePolicies } from './resolve-policies.ts';
import { resolveToolPolicies } from './resolve-tool-policies.ts';
import type { Sources } from './sources.ts';
import { toolsInUse } from './tools-in-use.ts';

/** The playbook that a folder's files make, or every mistake in them: there is a playbook when there are none. Pure. */
export function examinePlaybook(
  files: PlaybookFiles,
  options: LoadOptions,
): { playbook: Playbook | undefined; problems: readonly PlaybookProblem[] } {
  const { sources, problems } = readSources(files);
  const flows = new Map(
    [...sources.flows].flatMap(([id, { value }]) =>
      value === undefined ? [] : [[id, resolveFlow(id, value)]],
    ),
  );
  const mcp = resolveMcp(sources.tools.value ?? { mcp: {} });
  const tools = toolsInUse(sources, flows);
  const declared = declaredRisks(mcp, options);
  const { toolPolicies, problems: policyProblems } = resolveToolPolicies(
    sources.policies,
    tools,
    declared,
    options,
  );
  problems.push(
    ...policyProblems,
    ...checkPlaybook(contextOf(sources, flows, declared, toolPolicies, options)),
  );
  const { main, policies, talk, analysis, prompt } = sources;
  const isWhole = main.value && policies.value && talk.value && analysis.value && prompt.value;
  if (problems.length > 0 || !isWhole) return { playbook: undefined, problems };
  const playbook = {
    ...main.value,
    version: versionOf(files),
    passages: sources.passages,
    agents: agentsOf(sources),
    flows: flows satisfies ReadonlyMap<string, FlowSpec>,
    sops: sopsOf(sources),
    talk: talk.value,
    analysis: analysis.value,
    prompt: prompt.value,
    tools,
    toolPolicies,
    roomTools: new Map(
      Object.entries(policies.value.rooms).map(([room, allowed]) => [room, new Set(allowed)]),
    ),
    mcp,
    policies: resolvePolicies(policies.value),
    flags: sources.flagsText,
  };
  return { playbook, problems };
}

function contextOf(
  sources: Sources,
  flows: ReadonlyMap<string, FlowSpec>,
  declared: ReadonlyMap<string, Risk>,
  policies: Playbook['toolPolicies'],
  { code }: LoadOptions,
): CheckContext {
  const raised = [...policies].map(([name, { risk }]): [string, Risk] => [name, risk]);
  const tools = code === undefined ? undefined : new Set(declared.keys());
  return { sources, flows, code, tools, risks: new Map([...declared, ...raised]) };
}

function declaredRisks(
  mcp: ReadonlyMap<string, McpServer>,
  { code }: LoadOptions,
): ReadonlyMap<string, Risk> {
  const outside = [...mcp.values()].flatMap(({ tools }) =>
    [...tools].map(([name, { risk }]): [string, Risk] => [name, risk]),
  );
  return new Map([...outside, ...(code?.tools ?? [])]);
}

function agentsOf({ agents }: Sources): ReadonlyMap<string, AgentSpec> {
  return new Map(
    [...agents].flatMap(([id, { value }]): [string, AgentSpec][] =>
      value === undefined ? [] : [[id, { ...value, id, model: value.model, flag: value.flag }]],
    ),
  );
}

function sopsOf({ sops }: Sources): ReadonlyMap<string, Sop> {
  return new Map(
    [...sops].flatMap(([id, { head, text }]): [string, Sop][] => {
      if (head.value === undefined) return [];
      const steps = head.value.steps.map((step) => ({ ...step, tool: step.tool, verify: step.verify }));
      return [[id, { ...head.value, id, steps, text }]];
    }),
  );
}

function versionOf({ texts }: PlaybookFiles): string {
  const hash = createHash('sha256');
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [file, text] of sorted) hash.update(JSON.stringify([file, text]));
  return hash.digest('hex');
}
