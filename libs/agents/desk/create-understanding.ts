import type { Logger } from 'pino';
import type { Validator } from '#dialogue/flows/validator';
import { createCachedUnderstanding } from '#dialogue/understanding/create-cached-understanding';
import { createModelUnderstanding } from '#dialogue/understanding/create-model-understanding';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import type { Understand } from '#dialogue/understanding/understanding';
import type { ChatModel } from '#models/chat-model';
import type { Playbook } from '#playbook/playbook';
import type { Stores } from './stores.ts';

export interface UnderstandingDeps {
  readonly model: ChatModel | undefined;
  readonly modelName: string;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly stores: Pick<Stores, 'understood'>;
  readonly log: Logger;
}

/** Understanding by the model, where there is one, or by the playbook's examples; what was understood is remembered. */
export function createUnderstanding(playbook: Playbook, deps: UnderstandingDeps): Understand {
  const { model, modelName, validators, stores, log } = deps;
  const { version } = playbook;
  if (model === undefined) {
    const offline = createOfflineUnderstanding({ playbook, validators });
    // Learnt anew by every process: a look at Redis would cost as much as understanding does.
    return createCachedUnderstanding(offline, { version, name: 'offline' });
  }
  return createCachedUnderstanding(createModelUnderstanding({ model, playbook, validators }), {
    version,
    name: modelName,
    far: stores.understood,
    onFarError: (error) => log.debug({ err: error }, 'the cache of understandings was of no use'),
  });
}
