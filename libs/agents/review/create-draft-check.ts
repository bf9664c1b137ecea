import { isSecurityCase } from '#agents/security/is-security-case';
import { knowTools } from '#agents/sops/know-tools';
import type { ToolSource } from '#agents/sops/tool-source';
import type { AgentResult } from '#agents/specialists/agent';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { Playbook } from '#playbook/playbook';
import { plainSentence } from './check-claims.ts';
import { checkDraft } from './check-draft.ts';
import { needsReview } from './needs-review.ts';

export interface DraftCheckDeps {
  readonly playbook: Pick<Playbook, 'agents' | 'passages' | 'policies' | 'sops' | 'toolPolicies' | 'tools'>;
  readonly tools: ToolSource;
}

/** A text as it may go out, and why a person has to read it first: no reasons, nobody has to. */
export type DraftCheck = (
  draft: string,
  results: readonly AgentResult[],
  analysis: Analysis,
) => { readonly text: string; readonly reasons: readonly string[] };

/** Guardrail and review policy of a playbook in one. `results` are those that the draft was made from. */
export function createDraftCheck({ playbook, tools }: DraftCheckDeps): DraftCheck {
  const { policies, agents } = playbook;
  const changing = [...knowTools([...playbook.tools], tools, playbook.toolPolicies).values()]
    .filter(({ name, risk }) => risk !== 'low' || /^(?:revoke|disable|lock|suspend|block)_/.test(name))
    .map(({ name }) => name);
  const written = [...playbook.passages, ...playbook.sops.values()].map(({ text }) => text);
  const trusted = plainSentence(written.join('\n'));
  return (draft, results, analysis) => {
    const steps = results.flatMap((result) => result.steps);
    const { text, problems } = checkDraft(draft, policies.review, {
      tools: changing,
      done: steps.flatMap(({ tool, status }) => (tool !== null && status === 'passed' ? [tool] : [])),
      evidence: steps.filter(({ status }) => status !== 'refused').map((step) => step.text),
      trusted,
    });
    const specs = [...new Set(results.map(({ agent }) => agent))].flatMap((id) => agents.get(id) ?? []);
    const { threshold } = policies.security;
    const hasRunSecurity = isSecurityCase(analysis);
    return { text, reasons: needsReview({ specs, analysis, problems, hasRunSecurity, threshold }) };
  };
}
