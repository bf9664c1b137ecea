import type { Playbook } from '#playbook/playbook';
import type { Answer } from './answer.ts';
import type { ChatModel } from './chat-model.ts';
import { createKnowledgeIndex, type KnowledgeIndex } from './create-knowledge-index.ts';
import { createModelAnswer } from './create-model-answer.ts';
import { createOfflineAnswer, isAnswer } from './create-offline-answer.ts';

export interface Answers {
  readonly answer: Answer;
  /** Whether the knowledge holds something that answers a question. */
  readonly knows: (question: string) => boolean;
  readonly index: KnowledgeIndex;
}

/** Answering from a playbook's knowledge: in the words of a model, or without one by quoting it. */
export function createAnswers(
  model: ChatModel | undefined,
  { passages, persona, human }: Pick<Playbook, 'passages' | 'persona' | 'human'>,
): Answers {
  const index = createKnowledgeIndex(passages);
  return {
    answer:
      model === undefined
        ? createOfflineAnswer({ index, human })
        : createModelAnswer({ model, index, persona, human }),
    knows: (question) => index.search(question, 1).some(isAnswer),
    index,
  };
}
