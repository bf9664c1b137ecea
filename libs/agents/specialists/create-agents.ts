import { createSopIndex } from '#agents/sops/create-sop-index';
import type { ToolSource } from '#agents/sops/tool-source';
import type { Verifier } from '#agents/sops/verifier';
import type { Validator } from '#dialogue/flows/validator';
import type { ChatModel } from '#models/chat-model';
import type { KnowledgeIndex } from '#models/create-knowledge-index';
import type { AgentSpec } from '#playbook/agent-spec';
import type { Playbook } from '#playbook/playbook';
import type { Agent, Agents } from './agent.ts';
import type { WriteDraft } from './case-file.ts';
import { createSpecialist } from './create-specialist.ts';
import { createFocusRequest } from './focus-request.ts';
import { createOfflineWriter } from './write-offline.ts';
import { createModelWriter } from './write-with-model.ts';

export interface AgentsDeps {
  readonly playbook: Pick<Playbook, 'agents' | 'flows' | 'sops' | 'toolPolicies' | 'persona' | 'human'>;
  /** Left out: agents work by rules. A function is asked by the model's name of an agent, undefined for the usual one. */
  readonly model?: ChatModel | ((name?: string) => ChatModel | undefined) | undefined;
  readonly index: KnowledgeIndex;
  /** The tools that are registered, by which agents know descriptions, arguments and risks. */
  readonly tools: ToolSource;
  readonly verifiers: ReadonlyMap<string, Verifier>;
  readonly validators: ReadonlyMap<string, Validator>;
  /** Agents of another make, by id, instead of the one that the playbook would get. */
  readonly custom?: ReadonlyMap<string, (spec: AgentSpec) => Agent> | undefined;
}

/** The agents of a playbook, one for each file in `agents/`, each compiled once. */
export function createAgents(deps: AgentsDeps): Agents {
  const { playbook } = deps;
  const focus = createFocusRequest(playbook.agents, playbook.sops);
  const caseDeps = { ...deps, sops: createSopIndex(playbook.sops), focus };
  const agents = new Map(
    [...playbook.agents.values()].map((spec) => {
      const make = deps.custom?.get(spec.id);
      const agent = make === undefined ? createSpecialist(spec, writerFor(spec, deps), caseDeps) : make(spec);
      return [spec.id, agent] as const;
    }),
  );
  return { get: (id) => agents.get(id), ids: () => [...agents.keys()] };
}

function writerFor(spec: AgentSpec, { playbook, model }: AgentsDeps): WriteDraft {
  const chat = typeof model === 'function' ? model(spec.model) : model;
  return chat === undefined
    ? createOfflineWriter({ playbook })
    : createModelWriter({ model: chat, persona: playbook.persona, human: playbook.human });
}
