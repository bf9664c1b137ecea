import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '#runtime/errors';
import { readConfig } from '#runtime/read-config';
import { createChatModel } from './create-chat-model.ts';
import { modelSettings } from './model-settings.ts';

const schema = z.object({ model: modelSettings });
const read = (env: Record<string, string>) => readConfig(schema, env);

describe('modelSettings', () => {
  it('is offline without a key', () => {
    expect(read({}).config.model).toEqual({ provider: 'offline' });
  });

  it('is openai with a key, which is kept secret', () => {
    const { config, secrets } = read({ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' });
    expect(config.model).toMatchObject({
      provider: 'openai',
      apiKey: 'sk-1',
      baseUrl: 'http://127.0.0.1:1/v1',
    });
    expect(secrets).toContain('sk-1');
  });

  it('names the models that take images, and a chat model knows whether it is one', () => {
    const taking = (env: Record<string, string>): boolean | undefined =>
      createChatModel(read({ OPENAI_API_KEY: 'sk-1', ...env }).config.model)?.takesImages;
    expect(taking({})).toBe(true);
    expect(taking({ MODEL_NAME: 'mine' })).toBe(false);
    expect(taking({ MODEL_NAME: 'mine', VISION_MODELS: 'other, mine' })).toBe(true);
    expect(taking({ VISION_MODELS: 'none' })).toBe(false);
  });

  it('is offline with a key where that is asked for', () => {
    const { config } = read({ MODEL_PROVIDER: 'offline', OPENAI_API_KEY: 'sk-1' });
    expect(config.model).toEqual({ provider: 'offline' });
  });

  it('says what to do when openai has no key', () => {
    expect(() => read({ MODEL_PROVIDER: 'openai' })).toThrow(ConfigError);
    expect(() => read({ MODEL_PROVIDER: 'openai' })).toThrow(
      /OPENAI_API_KEY is missing\. Set OPENAI_API_KEY/,
    );
  });

  it.each([
    { MODEL_PROVIDER: 'claude' },
    { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: 'localhost' },
    { MODEL_ATTEMPTS: '0' },
  ])('refuses %j', (env) => {
    expect(() => read(env)).toThrow(ConfigError);
  });
});
