import type { ChatOpenAI } from '@langchain/openai';
import type { ChatModel } from './chat-model.ts';
import { fillForm } from './fill-form.ts';
import type { ModelSettings, OpenaiSettings } from './model-settings.ts';
import { takeStep } from './take-step.ts';
import { writeText } from './write-text.ts';

/** The chat model that the settings name, reached through `@langchain/openai`; undefined for offline. */
export function createChatModel(settings: ModelSettings): ChatModel | undefined {
  if (settings.provider === 'offline') return undefined;
  let opened: Promise<ChatOpenAI> | undefined;
  const open = (): Promise<ChatOpenAI> => {
    opened ??= openModel(settings);
    return opened;
  };
  return {
    takesImages: settings.visionModels?.includes(settings.model) === true,
    write: async (request) => writeText(await open(), settings, request),
    fill: async (request) => fillForm(await open(), settings, request),
    act: async (request) => takeStep(await open(), settings, request),
  };
}

/** Loaded when it is first needed: a tenth of a second, and memory, that a worker without a model does not spend. */
async function openModel(settings: OpenaiSettings): Promise<ChatOpenAI> {
  const { ChatOpenAI } = await import('@langchain/openai');
  return new ChatOpenAI({
    model: settings.model,
    apiKey: settings.apiKey,
    // Retries and time limits are ours: the SDK's know nothing of leases and hide what the server said.
    maxRetries: 0,
    timeout: settings.timeoutMs,
    useResponsesApi: false,
    // Budgets need it: the stream's last chunk says what was used.
    streamUsage: true,
    configuration: { baseURL: settings.baseUrl ?? null, maxRetries: 0, logLevel: 'off' },
  });
}
