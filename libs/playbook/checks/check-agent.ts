import type { PlaybookProblem } from '../errors.ts';
import type { AgentFile } from '../schemas/agent-file.ts';
import type { ProblemAt } from '../yaml-document.ts';
import { type CheckContext, checkUse, repeated } from './context.ts';

/** The topic of what no agent is for. */
const unknownTopic = 'unknown';

/** An agent: its id, tools, SOPs and flag, and that it has the tools that its SOPs need. */
export function checkAgent(
  id: string,
  agent: AgentFile,
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const { sources, tools } = context;
  const flags = new Set(Object.keys(sources.flags.value?.flags ?? {}));
  const sops = new Set(sources.sops.keys());
  const isFlagKnown = sources.flags.value !== undefined && agent.flag !== undefined;
  return [
    ...checkId(id, problemAt, context),
    ...repeated(agent.tools).map(({ name, index }) =>
      problemAt(['tools', index], `the tool "${name}" stands here twice`, 'Remove it'),
    ),
    ...agent.tools.flatMap((name, index) =>
      checkUse({ kind: 'tool', name, path: ['tools', index] }, tools, problemAt),
    ),
    ...agent.sops.flatMap((name, index) =>
      checkUse({ kind: 'SOP', name, path: ['sops', index] }, sops, problemAt),
    ),
    ...(isFlagKnown
      ? checkUse({ kind: 'flag', name: agent.flag ?? '', path: ['flag'] }, flags, problemAt)
      : []),
    ...missingTools(id, agent, problemAt, context),
  ];
}

function checkId(id: string, problemAt: ProblemAt, { sources }: CheckContext): PlaybookProblem[] {
  if (id === unknownTopic)
    return [problemAt([], `"${id}" is the topic of what no agent is for`, 'Give the file another name')];
  if (!sources.flows.has(id)) return [];
  const hint = 'Give one of the two files another name: people are offered both by it';
  return [problemAt([], `a flow is called "${id}" too`, hint)];
}

/** SOPs of the agent, those with its topic where it names none, that use tools which it may not use. */
function missingTools(
  id: string,
  agent: AgentFile,
  problemAt: ProblemAt,
  { sources }: CheckContext,
): PlaybookProblem[] {
  const missing = new Map<string, string>();
  for (const [name, { head }] of sources.sops) {
    const isMine = agent.sops.length > 0 ? agent.sops.includes(name) : head.value?.topics.includes(id);
    if (!isMine) continue;
    for (const { tool } of head.value?.steps ?? []) {
      if (tool !== undefined && !agent.tools.includes(tool) && !missing.has(tool)) missing.set(tool, name);
    }
  }
  return [...missing].map(([tool, sop]) =>
    problemAt(
      ['tools'],
      `the agent may not use the tool "${tool}", which its SOP "${sop}" needs`,
      'Add it to tools, or take the agent from the topics of the SOP',
    ),
  );
}
