import type { DialogueTurn, UnderstoodCommand } from '#playbook/schemas/dialogue-file';

/**
 * The form of understanding, filled in from a turn's annotations. A message without any is a question about nothing that
 * the dialogue cares for.
 */
export function understoodForm({ understood, analysis = {} }: DialogueTurn, said: string): unknown {
  const commands = understood ?? [{ command: 'digress', digression: 'question' } satisfies UnderstoodCommand];
  const topics = analysis.topics ?? [];
  return {
    commands: commands.map((command) => ({ text: said, topics, ...command })),
    analysis: {
      topics,
      urgency: 'normal',
      tone: 'neutral',
      risk: 'none',
      confidence: 0.95,
      entities: [],
      ...analysis,
    },
    confidence: 0.95,
  };
}
