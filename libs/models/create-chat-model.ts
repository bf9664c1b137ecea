import { ChatOpenAI } from '@langchain/openai';
import type { ChatModel } from './chat-model.ts';
import { fillForm } from './fill-form.ts';
import type { ModelSettings } from './model-settings.ts';
import { takeStep } from './take-step.ts';
import { writeText } from './write-text.ts';

/** The chat model that the settings name, reached through `@langchain/openai`; undefined for offline. */
export function createChatModel(settings: ModelSettings): ChatModel | undefined {
  if (settings.provider === 'offline') return undefined;
  const openai = new ChatOpenAI({
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
  return {
    write: (request) => writeText(openai, settings, request),
    fill: (request) => fillForm(openai, settings, request),
    act: (request) => takeStep(openai, settings, request),
  };
}
