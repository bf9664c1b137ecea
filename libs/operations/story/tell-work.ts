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

/** Ends of tools, in words for people. */
const toolEnds: Readonly<Record<string, string>> = {
  done: 'was used',
  proposed: 'may not run without an approval',
  refused: 'was refused: not allowed here, or wrong arguments',
  failed: 'failed and changed nothing',
  unknown: 'was started, and nobody knows whether it took effect',
  skipped: 'was skipped: one before it did not succeed',
};

const asides: Readonly<Record<string, string>> = {
  question: 'A question was answered from what the playbook knows',
  help: 'What the bot can do was told',
  status: 'How requests stand was told',
  hand_off: 'A person was asked to take over',
  cancel: 'What waits was withdrawn',
  clarify: 'It was not clear: the person was asked what they mean',
  chat: 'Small talk was answered',
  takeover: 'Passed on to the person who has taken over',
};

function sayStep({ kind, name, status }: TurnStep): string {
  const ended = status.replaceAll('_', ' ');
  switch (kind) {
    case 'understand':
      return 'The message was understood';
    case 'flow':
      return `Flow ${name} ${ended}`;
    case 'tool':
      return `Tool ${name} ${toolEnds[status] ?? ended}`;
    case 'agent':
      return `Agent ${name} ${ended}`;
    case 'model':
      return `Model ${name} was called`;
    case 'security':
      return `The security protocol ran because of ${name.replaceAll('_', ' ')}`;
    case 'review':
      return status === 'passed' ? 'The draft passed the guardrail' : `A person has to look first (${name})`;
    case 'aside':
      return asides[name] ?? `${name} ${ended}`;
    case 'switch':
      return `Agent ${name} is switched off`;
    default:
      return kind satisfies never;
  }
}
