import { z } from 'zod';
import { setting } from '#runtime/setting';

/** Where an OpenAI-compatible model is and how long it may take. */
export interface OpenaiSettings {
  readonly provider: 'openai';
  readonly apiKey: string;
  /** Undefined is the provider's own address. */
  readonly baseUrl: string | undefined;
  readonly model: string;
  /** Names of models that take images; none where it is left out. */
  readonly visionModels?: readonly string[];
  /** For a whole answer, and for the silence within one. */
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  /** How often one call is tried in all. */
  readonly attempts: number;
}

export type ModelSettings = OpenaiSettings | { readonly provider: 'offline' };

/**
 * `MODEL_PROVIDER` (openai, offline; default: openai where `OPENAI_API_KEY` is set), `OPENAI_API_KEY`,
 * `OPENAI_BASE_URL`, `MODEL_NAME`, `MODEL_TIMEOUT_MS`, `MODEL_IDLE_TIMEOUT_MS`, `MODEL_ATTEMPTS`,
 * `VISION_MODELS`.
 */
export const modelSettings = z
  .object({
    MODEL_PROVIDER: setting.oneOf(['openai', 'offline']).optional(),
    OPENAI_API_KEY: setting
      .secret('the key of the model provider (any text for a server that asks for none)')
      .optional(),
    OPENAI_BASE_URL: setting.url().optional(),
    MODEL_NAME: setting.text('the name of a chat model').default('gpt-4.1-mini'),
    VISION_MODELS: setting
      .list('names of chat models that take images')
      .default(['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'gpt-4o-mini']),
    MODEL_TIMEOUT_MS: setting.milliseconds({ min: 100, max: 3_600_000 }).default(120_000),
    MODEL_IDLE_TIMEOUT_MS: setting.milliseconds({ min: 100, max: 3_600_000 }).default(30_000),
    MODEL_ATTEMPTS: setting.integer({ min: 1, max: 10 }).default(3),
  })
  .transform((fields, context): ModelSettings => {
    const apiKey = fields.OPENAI_API_KEY;
    const provider = fields.MODEL_PROVIDER ?? (apiKey === undefined ? 'offline' : 'openai');
    if (provider === 'offline') return { provider };
    if (apiKey === undefined) {
      const remedy = 'Set OPENAI_API_KEY (or OPENAI_API_KEY_FILE), or MODEL_PROVIDER to offline';
      context.addIssue({
        code: 'custom',
        path: ['OPENAI_API_KEY'],
        message: 'is missing',
        params: { remedy },
      });
      return z.NEVER;
    }
    return {
      provider,
      apiKey: apiKey.trim(),
      baseUrl: fields.OPENAI_BASE_URL,
      model: fields.MODEL_NAME,
      visionModels: fields.VISION_MODELS,
      timeoutMs: fields.MODEL_TIMEOUT_MS,
      idleTimeoutMs: fields.MODEL_IDLE_TIMEOUT_MS,
      attempts: fields.MODEL_ATTEMPTS,
    };
  });
