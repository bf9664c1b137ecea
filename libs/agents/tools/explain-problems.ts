import type { CheckedAction } from './tool-registry.ts';

/** Tells the person who asked what is missing or wrong about the arguments, and how to ask so that it works. */
export function explainProblems(
  refused: Extract<CheckedAction, { ok: false }>,
  tool: string,
  example: string | undefined,
): string {
  if (refused.reason === 'unknown_tool') return `I cannot do that: there is no tool \`${tool}\` here.`;
  const missing = refused.problems.filter(({ isMissing }) => isMissing).map(({ argument }) => argument);
  const wrong = refused.problems.filter(({ isMissing }) => !isMissing);
  const sentences = [
    ...(missing.length > 0 ? [`To do that I need to know: ${missing.join(', ')}.`] : []),
    ...wrong.map(
      ({ argument, message }) => `I cannot use what I read as ${argument || 'the arguments'}: ${message}.`,
    ),
    'Nothing was run.',
    ...(example === undefined ? [] : [`Write for example: "${example}".`]),
  ];
  return sentences.join(' ');
}
