import type { Logger } from 'pino';
import type { Validator } from '#dialogue/flows/validator';
import { createCachedUnderstanding } from '#dialogue/understanding/create-cached-understanding';
import { createModelUnderstanding } from '#dialogue/understanding/create-model-understanding';
import { createOfflineUnderstanding } from '#dialogue/understanding/create-offline-understanding';
import type { Understand } from '#dialogue/understanding/understanding';
import type { ChatModel } from '#models/chat-model';
import { ModelError } from '#models/errors';
import type { Playbook } from '#playbook/playbook';
import type { Stores } from './stores.ts';

export interface UnderstandingDeps {
  readonly model: ChatModel | undefined;
  readonly modelName: string;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly stores: Pick<Stores, 'understood'>;
  readonly log: Logger;
}

/**
 * Understanding by the model, where there is one, or by the playbook's examples; what was understood is remembered. A
 * model that writes nothing usable is replaced by the examples for this message: nobody has to wait because of it.
 */
export function createUnderstanding(playbook: Playbook, deps: UnderstandingDeps): Understand {
  const { model, modelName, validators, stores, log } = deps;
  const { version } = playbook;
  // Learnt anew by every process: a look at Redis would cost as much as understanding does.
  const learn = (): Understand => {
    const offline = createOfflineUnderstanding({ playbook, validators });
    return createCachedUnderstanding(offline, { version, name: 'offline' });
  };
  if (model === undefined) return learn();
  let byExamples: Understand | undefined;
  const byModel = createCachedUnderstanding(createModelUnderstanding({ model, playbook, validators }), {
    version,
    name: modelName,
    far: stores.understood,
    onFarError: (error) => log.debug({ err: error }, 'the cache of understandings was of no use'),
  });
  return async (input) => {
    try {
      return { ...(await byModel(input)), by: modelName };
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind !== 'garbage') throw error;
      log.warn({ err: error }, 'the model did not say what a message means: its examples do');
      byExamples ??= learn();
      return byExamples(input);
    }
  };
}
