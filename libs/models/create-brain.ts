import type { Playbook } from '#playbook/playbook';
import type { Answer } from './answer.ts';
import { createChatModel } from './create-chat-model.ts';
import { createKnowledgeIndex } from './create-knowledge-index.ts';
import { createModelAnswer } from './create-model-answer.ts';
import { createModelUnderstanding } from './create-model-understanding.ts';
import { createOfflineAnswer } from './create-offline-answer.ts';
import { createOfflineUnderstanding } from './create-offline-understanding.ts';
import type { ModelSettings } from './model-settings.ts';
import type { Understand } from './understanding.ts';

export interface Brain {
  readonly understand: Understand;
  readonly answer: Answer;
}

/** Understanding and answering for a playbook: by the model that the settings name, or without one. */
export function createBrain(settings: ModelSettings, playbook: Playbook): Brain {
  const model = createChatModel(settings);
  const index = createKnowledgeIndex(playbook.passages);
  const { persona, human } = playbook;
  if (model === undefined) {
    return {
      understand: createOfflineUnderstanding(playbook),
      answer: createOfflineAnswer({ index, human }),
    };
  }
  return {
    understand: createModelUnderstanding(model),
    answer: createModelAnswer({ model, index, persona, human }),
  };
}
