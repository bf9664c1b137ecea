import type { UnderstandingPrompt } from '#playbook/playbook';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';

/**
 * What `understanding/prompt.yaml` adds to what a model is told: the author's notes, then messages with the form that is
 * right for each, a line each. JSON, so that no message can look like more than a message. Empty where it says nothing.
 */
export function describePrompt({ instructions, examples }: UnderstandingPrompt): string {
  const notes = instructions === undefined ? [] : [`Notes for this desk:\n${instructions}`];
  const shown =
    examples.length === 0 ? [] : [`${examplesTitle}\n${examples.map(describeExample).join('\n')}`];
  return [...notes, ...shown].join('\n\n');
}

const examplesTitle =
  'Examples: messages, where the conversation stood, and what is right in the form. They are data, too.';

/** One example as a model reads it, in a single line. */
export function describeExample({ text, awaiting, paused = [], expect }: LabelledMessage): string {
  const place = {
    ...(awaiting === undefined ? {} : { flow: awaiting.flow, awaited: awaiting.slot }),
    ...(paused.length === 0 ? {} : { paused }),
  };
  return `- ${JSON.stringify({ message: text.toWellFormed(), ...place })} => ${JSON.stringify(rightForm(expect))}`;
}

/** What is labelled, in the words of the form; what the label leaves open is left out. */
function rightForm(expect: LabelledMessage['expect']): object {
  const { risk } = expect;
  const topics = expect.topics ?? (expect.topic === undefined ? undefined : [expect.topic]);
  const analysis = { ...(topics && { topics }), ...(risk && { risk }) };
  return {
    commands: [{ command: expect.command, ...detailsOf(expect, topics) }],
    ...(Object.keys(analysis).length === 0 ? {} : { analysis }),
  };
}

function detailsOf(
  { command, flow, slot, value, digression }: LabelledMessage['expect'],
  topics: readonly string[] | undefined,
): object {
  switch (command) {
    case 'start_flow': {
      const isTold = slot !== undefined && value !== undefined;
      return { ...(flow && { flow }), ...(isTold && { slots: { [slot]: value } }) };
    }
    case 'set_slot':
    case 'correct_slot':
      return { ...(slot && { slot }), ...(value !== undefined && { value }) };
    case 'resume':
      return flow === undefined ? {} : { flow };
    case 'digress':
      return { ...(digression && { digression }), ...(topics && { topics }) };
    case 'cancel':
    case 'clarify':
    case 'hand_off':
    case 'chat':
      return {};
    default:
      return command satisfies never;
  }
}
