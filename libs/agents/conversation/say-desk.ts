import type { Playbook } from '#playbook/playbook';

/** What the desk is for: what it can do, what it knows about, and how to reach a person. */
export function sayDesk({ flows, agents, human }: Playbook): string {
  const doing = [...flows.values()]
    .filter(({ isOffered }) => isOffered)
    .map(({ description }) => `- ${description}`);
  const knowing = [...agents.values()].map(({ description }) => `- ${description}`);
  const parts = [
    ...(doing.length > 0 ? [`What I can do for you:\n\n${doing.join('\n')}`] : []),
    ...(knowing.length > 0 ? [`What you can ask me about:\n\n${knowing.join('\n')}`] : []),
    'Write "status" to hear how your requests stand, "cancel" to withdraw them, or ask for a person at any time.',
    human.trim(),
  ];
  return parts.join('\n\n');
}
