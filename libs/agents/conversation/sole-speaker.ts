import type { OpenTurn } from './open-turn.ts';

/**
 * The agent who may speak the reply in its own name: the only one that answers, in a reply that holds nothing else. Words of
 * flows, and several agents in one reply, are the bot's own. Asked before the first draft of the reply is shown.
 */
export function soleSpeaker(
  { texts, desk, situation }: Pick<OpenTurn, 'texts' | 'desk' | 'situation'>,
  agents: readonly string[],
): string | null {
  const [agent, ...others] = agents;
  if (agent === undefined || others.length > 0 || texts.length > 0) return null;
  if (!desk.playbook.agents.has(agent)) return null;
  // A question that waits is asked again behind the answer.
  return desk.dialogue.question(situation.dialogue) === undefined ? agent : null;
}
