import type { Logger } from 'pino';
import { createBuiltInTools } from '#agents/built-in/create-built-in-tools';
import type { Desk } from '#agents/conversation/desk';
import { createFlags } from '#agents/flags/create-flags';
import { createDraftCheck } from '#agents/review/create-draft-check';
import { createSecurityProtocol } from '#agents/security/create-security-protocol';
import { createVerifiers } from '#agents/sops/verifiers/create-verifiers';
import { createAgents } from '#agents/specialists/create-agents';
import { type Breakers, createBreakers } from '#agents/tools/create-breakers';
import { createGate } from '#agents/tools/create-gate';
import { createSearchKnowledge } from '#agents/tools/desk/create-search-knowledge';
import { type McpTools, openMcpTools } from '#agents/tools/mcp/open-mcp-tools';
import { riskOf } from '#agents/tools/risk-of';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry, type ToolRegistry } from '#agents/tools/tool-registry';
import { createDialogue } from '#dialogue/flows/create-dialogue';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { ChatModel } from '#models/chat-model';
import { createAnswers } from '#models/create-answers';
import { nothingSwitchedOff, type Switches } from '#operations/switches/switch';
import type { Playbook } from '#playbook/playbook';
import type { ToolPolicy } from '#playbook/policies';
import { createUnderstanding } from './create-understanding.ts';
import type { Stores } from './stores.ts';

export interface DeskDeps {
  /** By name, or the usual one; undefined without a model. */
  readonly model: (name?: string) => ChatModel | undefined;
  /** For keys of caches: what the model says under one name is not what it says under another. */
  readonly modelName: string;
  /** Tools that are registered in code, beside those that vagent brings by itself. */
  readonly tools: readonly Tool[];
  /** One for all versions, because a tool that is ill is ill for all of them; left out, the desk has its own. */
  readonly breakers?: Breakers;
  /** What operators have switched off; left out, nothing ever is. */
  readonly switches?: Pick<Switches, 'off'>;
  readonly stores: Stores;
  /** Where the secrets of MCP servers are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface OpenDesk extends Desk, AsyncDisposable {
  /** For metrics: whether each server of tools is connected. */
  readonly servers: McpTools['states'];
}

/** Compiles one version of a playbook into everything that conversations think with. Dispose of it when nobody uses the version. */
export async function createDesk(playbook: Playbook, deps: DeskDeps): Promise<OpenDesk> {
  const { stores, log, breakers = createBreakers(), switches = nothingSwitchedOff } = deps;
  const model = deps.model();
  const memory = stores.memory(playbook.policies.memory);
  const budgets = stores.budgets(playbook.policies.budgets);
  await using stack = new AsyncDisposableStack();
  const mcp = stack.use(await openMcpTools(playbook.mcp, deps));
  const flags = stack.use(
    await createFlags({
      text: playbook.flags,
      canaries: stores.canaries,
      onProblem: (problem) => log.warn({ problem }, 'a flag is off because it is broken'),
    }),
  );
  const search = createSearchKnowledge(() => playbook.passages);
  const registered = deps.tools.map((tool) => (tool.name === search.name ? search : tool));
  const tools = createToolRegistry([...registered, ...createBuiltInTools(budgets), ...mcp.tools]);
  const policyOf = policiesOf(playbook, tools);
  const validators = createValidators();
  const { answer, knows, index } = createAnswers(model, playbook);
  const agents = createAgents({
    playbook,
    model: deps.model,
    index,
    tools,
    verifiers: createVerifiers(),
    validators,
  });
  const gate = createGate({
    tools,
    policyOf: (name) => playbook.toolPolicies.get(name),
    roomTools: playbook.roomTools,
    breakers,
    switches,
  });
  const desk: Desk & Pick<OpenDesk, 'servers'> = {
    playbook,
    understand: createUnderstanding(playbook, { ...deps, model, validators }),
    dialogue: createDialogue({ flows: playbook.flows, validators }),
    answer,
    knows,
    agents,
    gate,
    tools,
    flags,
    memory,
    budgets,
    switches,
    usesModel: model !== undefined,
    takesImages: model?.takesImages === true,
    policyOf,
    checkDraft: createDraftCheck({ playbook, tools }),
    secure: createSecurityProtocol({ playbook, tools, validators }),
    servers: () => mcp.states(),
  };
  // Last of all: what cannot be compiled leaves no server of tools behind.
  const open = stack.move();
  return { ...desk, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** The policy of each tool, with the greater of the risks that the tool and the playbook see. */
function policiesOf({ toolPolicies }: Playbook, tools: ToolRegistry): (tool: string) => ToolPolicy {
  return (name) => {
    const policy = toolPolicies.get(name);
    const tool = tools.get(name);
    // Nothing is proposed but what the playbook names, and each of its tools has a policy.
    if (policy === undefined || tool === undefined)
      throw new TypeError(`Tool ${name} has no approval policy`);
    return { ...policy, risk: riskOf(tool.risk, policy.risk) };
  };
}
