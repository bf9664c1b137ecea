import type { z } from 'zod';
import type { PlaybookProblem } from './errors.ts';
import type { ToolPolicy } from './playbook.ts';
import { type PolicySettings, type policiesFile, policySettings, type toolsFile } from './playbook-schema.ts';
import type { YamlFile } from './read-yaml.ts';

/**
 * Gives every tool that is on its policy: the written one, or the defaults. A policy by which nobody could ever
 * approve is a mistake, because it would fail only after someone has waited for it.
 */
export function resolvePolicies(
  file: YamlFile<z.output<typeof policiesFile>>,
  tools: z.output<typeof toolsFile> | undefined,
  reviewers: readonly string[],
): { policies: ReadonlyMap<string, ToolPolicy>; problems: readonly PlaybookProblem[] } {
  const policies = new Map<string, ToolPolicy>();
  if (file.value === undefined || tools === undefined) return { policies, problems: [] };
  const written = file.value;
  const problems = Object.keys(written)
    .filter((name) => !Object.hasOwn(tools, name))
    .map((name) =>
      file.problemAt([name], `tool "${name}" is not switched on`, 'Name it in tools.yaml, or remove it'),
    );
  for (const name of Object.keys(tools)) {
    const policy = toPolicy(written[name] ?? policySettings.parse({}), reviewers);
    policies.set(name, policy);
    problems.push(...checkPolicy(name, policy, file));
  }
  return { policies, problems };
}

function toPolicy(settings: PolicySettings, reviewers: readonly string[]): ToolPolicy {
  const { risk, expiresIn, ...rest } = settings;
  return {
    risk,
    expiresInSeconds: expiresIn,
    policy: { ...rest, reviewers: settings.reviewers ?? [...reviewers] },
  };
}

function checkPolicy(
  name: string,
  { policy, expiresInSeconds }: ToolPolicy,
  { problemAt }: YamlFile<unknown>,
): PlaybookProblem[] {
  const problems: PlaybookProblem[] = [];
  const different = new Set(policy.reviewers).size;
  if (different === 0) {
    const hint = 'Set REVIEWERS to Matrix user ids, or give the policy its own reviewers';
    problems.push(problemAt([name, 'reviewers'], `nobody could ever approve "${name}"`, hint));
  } else if (policy.quorum > different) {
    const message = `a quorum of ${policy.quorum} with ${different} reviewer${different === 1 ? '' : 's'}`;
    problems.push(problemAt([name, 'quorum'], message, 'Lower the quorum, or name more reviewers'));
  }
  if (policy.reminders.some((seconds) => seconds >= expiresInSeconds)) {
    const message = `a reminder that comes after ${expiresInSeconds} s, when the request has expired`;
    problems.push(problemAt([name, 'reminders'], message, 'Remind earlier, or raise expiresIn'));
  }
  return problems;
}
