import { McpSecretsError } from '#agents/errors';
import type { McpServer } from '#playbook/playbook';
import { readVariable } from '#runtime/read-variable';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What each server is given, by the names that it knows: only from the variables that the playbook names (or the
 * file that `NAME_FILE` names), nothing else of our environment.
 *
 * @throws {McpSecretsError} with everything that is missing.
 */
export function readMcpSecrets(
  servers: Iterable<McpServer>,
  env: Environment,
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const problems: string[] = [];
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  for (const server of servers) {
    const given = Object.entries(server.secrets).map(([name, variable]) => {
      const read = readVariable(variable, env);
      if (read.kind === 'value') return [name, read.value] as const;
      const problem = read.kind === 'missing' ? 'is not set' : read.problem;
      problems.push(`${server.name} takes ${name} from ${variable}, which ${problem}`);
      return [name, ''] as const;
    });
    secrets.set(server.name, Object.fromEntries(given));
  }
  if (problems.length > 0) throw new McpSecretsError(problems);
  return secrets;
}
