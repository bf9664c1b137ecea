import { describe, expect, it } from 'vitest';
import type { AgentSpec } from '#playbook/agent-spec';
import { createFocusRequest } from './focus-request.ts';

function spec(id: string, description: string, keywords: readonly string[]): [string, AgentSpec] {
  return [
    id,
    {
      id,
      description,
      keywords,
      examples: [],
      tools: [],
      sops: [],
      model: undefined,
      review: 'never',
      flag: undefined,
    },
  ];
}

const focus = createFocusRequest(
  new Map([
    spec('ci', 'Pipelines and runners.', ['pipeline', 'budget']),
    spec('security', 'Signing in.', ['2fa', 'lockout', 'code']),
    spec('enterprise', 'Permissions.', ['permission', 'developer']),
  ]),
  new Map(),
);
const topics = ['ci', 'security', 'enterprise'];
const message =
  'Our pipeline is dead. It has been so for three hours. I am in a 2FA lockout too! Give our developer the permission.';

describe('createFocusRequest', () => {
  it.each([
    ['ci', 'Our pipeline is dead. It has been so for three hours.'],
    ['security', 'I am in a 2FA lockout too!'],
    ['enterprise', 'Give our developer the permission.'],
  ])('gives %s its part, and what follows it', (agent, part) => {
    expect(focus(message, agent, topics)).toBe(part);
  });

  it('gives everything to the only one', () => {
    expect(focus(message, 'ci', ['ci'])).toBe(message);
  });

  it('gives everything to one that nothing is for', () => {
    expect(focus('Hello there.', 'security', topics)).toBe('Hello there.');
  });
});
