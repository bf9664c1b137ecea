import type { Playbook, TalkExamples } from '#playbook/playbook';
import type { Mask } from './mask-values.ts';

/** What a message does, as the classifier tells it: a kind of talk, a flow to start, a question, or an answer. */
export type Act = Exclude<keyof TalkExamples, 'unknown'> | 'question' | 'inform' | `flow ${string}`;

export interface Labelled<Label extends string> {
  readonly text: string;
  readonly label: Label;
}

export type Trainable = Pick<Playbook, 'flows' | 'agents' | 'talk' | 'analysis'>;

/** Examples of what messages do. Values in them are masked. */
export function actExamples({ flows, agents, talk }: Trainable, mask: Mask): Labelled<Act>[] {
  const examples: Labelled<Act>[] = [];
  for (const flow of flows.values()) {
    const typeOf = (slot: string): string | undefined => flow.slots.get(slot)?.type;
    const add = (label: Act, texts: readonly string[]): void => {
      for (const text of texts) examples.push({ label, text: mask.example(toExample(text).text, typeOf) });
    };
    if (flow.isOffered) add(`flow ${flow.id}`, flow.examples);
    for (const slot of flow.slots.values()) add('inform', slot.examples);
  }
  for (const agent of agents.values()) {
    for (const text of agent.examples) examples.push({ label: 'question', text: mask.values(text) });
  }
  for (const [label, texts] of talkOf(talk)) {
    for (const text of texts)
      examples.push({ label, text: mask.values(mask.example(text, () => undefined)) });
  }
  return examples;
}

function talkOf({ unknown, ...talk }: TalkExamples): [Act, readonly string[]][] {
  return [
    ['affirm', talk.affirm],
    ['deny', talk.deny],
    ['cancel', talk.cancel],
    ['resume', talk.resume],
    ['why', talk.why],
    ['help', talk.help],
    ['status', talk.status],
    ['hand_off', talk.hand_off],
    ['greeting', talk.greeting],
    ['thanks', talk.thanks],
    ['chat', talk.chat],
    ['correct', talk.correct],
    ['vague', talk.vague],
    ['question', unknown],
  ];
}

/**
 * An example of an answer may say which value it stands for: `I lost it => yes`. Without that, the value is what is written at
 * `{slot}`.
 */
export function toExample(written: string): { readonly text: string; readonly value: string | undefined } {
  const at = written.lastIndexOf(' => ');
  if (at < 0) return { text: written, value: undefined };
  return { text: written.slice(0, at).trim(), value: written.slice(at + 4).trim() };
}
