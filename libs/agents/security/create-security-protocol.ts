import type { ToolSource } from '#agents/sops/tool-source';
import type { AgentRun } from '#agents/specialists/agent';
import { findEntities } from '#agents/specialists/find-entities';
import type { Validator } from '#dialogue/flows/validator';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { Playbook } from '#playbook/playbook';
import { runSecurityProtocol } from './run-security-protocol.ts';
import type { SecurityReport } from './security-report.ts';

export interface SecurityDeps {
  readonly playbook: Pick<Playbook, 'policies' | 'toolPolicies'>;
  readonly tools: ToolSource;
  readonly validators: ReadonlyMap<string, Validator>;
}

export type SecurityProtocol = (
  request: string,
  analysis: Analysis,
  run: Pick<AgentRun, 'callTool' | 'signal'> & { readonly sender: string },
) => Promise<SecurityReport>;

/** The security protocol of a playbook; what is at stake is read from the message, then from its analysis. */
export function createSecurityProtocol({ playbook, tools, validators }: SecurityDeps): SecurityProtocol {
  return async (request, analysis, { callTool, signal, sender }) => {
    const entities = findEntities([request, analysis.sensitivity.entities.join('\n')], validators);
    return runSecurityProtocol({ analysis, entities, sender, playbook, tools, callTool, signal });
  };
}
