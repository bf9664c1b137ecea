import { createCachedUnderstanding } from '#dialogue/understanding/create-cached-understanding';
import { createModelUnderstanding } from '#dialogue/understanding/create-model-understanding';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import type { Validator } from '#dialogue/flows/validator';
import type { Understand } from '#dialogue/understanding/understanding';
import type { ChatModel } from '#models/chat-model';
import type { Playbook } from '#playbook/playbook';
import type { Stores } from './stores.ts';

interface UnderstandingDeps {
  readonly model: ChatModel | undefined;
  readonly modelName: string;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly stores: Pick<Stores, 'understood'>;
}
