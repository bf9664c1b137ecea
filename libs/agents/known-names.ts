import { createVerifiers } from '#agents/sops/verifiers/create-verifiers';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { KnownNames } from '#playbook/load-options';

/** What a playbook may name, because it is registered in code: tools, types of slots, verifiers of steps. */
export function knownNames(tools: readonly Tool[]): Required<KnownNames> {
  const descriptions = createToolRegistry(tools).descriptions();
  return {
    tools: new Map(tools.map(({ name, risk }) => [name, risk])),
    validators: new Set(createValidators().keys()),
    verifiers: new Set(createVerifiers().keys()),
    schemas: new Map(descriptions.map(({ name, schema }) => [name, schema])),
  };
}
