import type { Risk } from '#contract/approval';
import type { PlaybookProblem } from './errors.ts';
import { builtInTools, type LoadOptions } from './load-options.ts';
import { hintOf } from './nearest-name.ts';
import type { ToolPolicy } from './policies.ts';
import type { YamlFile } from './read-yaml.ts';
import { type PoliciesFile, policiesFile, type WrittenToolPolicy } from './schemas/policies-file.ts';

/**
 * Gives every tool in use, and those that vagent brings, their policy: the written one, or the defaults. A policy
 * by which nobody could ever approve is a mistake, because it would fail only after someone has waited for it.
 *
 * @param declared the risk that tools declare themselves, where it is known.
 */
export function resolveToolPolicies(
  file: YamlFile<PoliciesFile>,
  tools: ReadonlySet<string>,
  declared: ReadonlyMap<string, Risk>,
  { reviewers }: LoadOptions,
): { toolPolicies: ReadonlyMap<string, ToolPolicy>; problems: readonly PlaybookProblem[] } {
  const toolPolicies = new Map<string, ToolPolicy>();
  if (file.value === undefined) return { toolPolicies, problems: [] };
  const written = file.value.tools;
  const names = [...tools, ...builtInTools];
  const problems: PlaybookProblem[] = Object.keys(written)
    .filter((name) => !names.includes(name))
    .map((name) =>
      file.problemAt(
        ['tools', name],
        `nothing in this playbook uses the tool "${name}"`,
        hintOf(name, names, 'Remove it'),
      ),
    );
  const unusual = new Set<string>(Object.keys(written));
  const nobody: string[] = [];
  for (const name of names) {
    const settings = Object.hasOwn(written, name) ? written[name] : undefined;
    const policy = toPolicy(settings ?? usual(), declared.get(name) ?? leastOf(name), reviewers);
    toolPolicies.set(name, policy);
    if (policy.policy.reviewers.length === 0) nobody.push(name);
    else if (unusual.has(name)) problems.push(...checkPolicy(name, policy, file));
    problems.push(...checkRisk(name, settings?.risk, declared.get(name), file));
  }
  const [first] = nobody;
  if (first !== undefined) {
    const others = nobody.length > 1 ? ` and ${nobody.length - 1} more` : '';
    const hint = 'Set REVIEWERS to Matrix user ids, or give the policy its own reviewers';
    problems.push(file.problemAt(['tools', first], `nobody could ever approve "${first}"${others}`, hint));
  }
  return { toolPolicies, problems };
}

const usual = (): WrittenToolPolicy => policiesFile.shape.tools.unwrap().valueType.parse({});

/** What nobody says anything about: tools say for themselves, what vagent asks is worth a look. */
function leastOf(name: string): Risk {
  return builtInTools.some((tool) => tool === name) ? 'medium' : 'low';
}

function toPolicy(settings: WrittenToolPolicy, least: Risk, reviewers: readonly string[]): ToolPolicy {
  const { risk = least, expiresIn, ...rest } = settings;
  return {
    risk,
    expiresInSeconds: expiresIn,
    policy: { ...rest, reviewers: settings.reviewers ?? [...reviewers] },
  };
}

const order: readonly Risk[] = ['low', 'medium', 'high'];

function checkRisk(
  name: string,
  written: Risk | undefined,
  declared: Risk | undefined,
  { problemAt }: YamlFile<unknown>,
): PlaybookProblem[] {
  if (written === undefined || declared === undefined) return [];
  if (order.indexOf(written) >= order.indexOf(declared)) return [];
  const message = `"${name}" says of itself that its risk is ${declared}`;
  return [problemAt(['tools', name, 'risk'], message, 'A playbook raises a risk and never lowers it')];
}

function checkPolicy(
  name: string,
  { policy, expiresInSeconds }: ToolPolicy,
  { problemAt }: YamlFile<unknown>,
): PlaybookProblem[] {
  const problems: PlaybookProblem[] = [];
  const different = new Set(policy.reviewers).size;
  if (policy.quorum > different) {
    const message = `a quorum of ${policy.quorum} with ${different} reviewer${different === 1 ? '' : 's'}`;
    problems.push(problemAt(['tools', name, 'quorum'], message, 'Lower the quorum, or name more reviewers'));
  }
  if (policy.reminders.some((seconds) => seconds >= expiresInSeconds)) {
    const message = `a reminder that comes after ${expiresInSeconds} s, when the request has expired`;
    problems.push(problemAt(['tools', name, 'reminders'], message, 'Remind earlier, or raise expiresIn'));
  }
  return problems;
}
