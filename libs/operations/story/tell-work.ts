import type { TurnRecord, TurnStep } from '#contract/turn-record';
import { inWords } from './in-words.ts';
import type { StoryLine } from './story.ts';

/** What the message was taken for. */
export function tellUnderstood({ understood, route }: TurnRecord): StoryLine[] {
  const lines: StoryLine[] = [];
  if (understood !== null) {
    const { by, commands, topics, urgency, tone, risk, confidence } = understood;
    const mood = [
      ...(urgency === 'normal' ? [] : [`urgency ${urgency}`]),
      ...(tone === 'neutral' ? [] : [`tone ${tone}`]),
      ...(risk === 'none' ? [] : [`risk ${risk}`]),
    ];
    lines.push({
      at: null,
      kind: 'understood',
      text: `Understood as ${commands.join(', ') || 'nothing'}`,
      details: [
        `by ${by}, ${Math.round(confidence * 100)} % sure`,
        ...(topics.length === 0 ? [] : [`about ${topics.join(', ')}`]),
        ...mood,
      ],
    });
  }
  if (route.length > 0)
    lines.push({ at: null, kind: 'understood', text: `Given to ${route.join(' and ')}`, details: [] });
  return lines;
}

/** Step by step, with the time from the beginning of the turn. */
export function tellSteps({ steps, startedAt }: TurnRecord): StoryLine[] {
  const began = Date.parse(startedAt);
  return steps
    .filter(({ kind }) => kind !== 'understand')
    .map((step) => ({
      at: new Date(began + step.startMs).toISOString(),
      kind: 'step',
      text: sayStep(step),
      details: [
        ...(step.detail === undefined ? [] : [step.detail]),
        ...(step.tookMs < 1 ? [] : [`took ${inWords(step.tookMs)}`]),
      ],
    }));
}

const kinds: Readonly<Record<TurnStep['kind'], string>> = {
  understand: 'Understanding',
  flow: 'Flow',
  tool: 'Tool',
  agent: 'Agent',
  model: 'Model',
  security: 'Security protocol',
  review: 'Review of',
  aside: 'Beside the flows:',
  switch: 'Switched off:',
};

function sayStep({ kind, name, status }: TurnStep): string {
  return `${kinds[kind]} ${name.replaceAll('_', ' ')}: ${status.replaceAll('_', ' ')}`;
}
