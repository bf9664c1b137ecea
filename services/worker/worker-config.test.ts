import { describe, expect, it } from 'vitest';
import { ConfigError } from '#runtime/errors';
import { readConfig } from '#runtime/read-config';
import { workerConfig } from './worker-config.ts';

const env = {
  REDIS_URL: 'redis://127.0.0.1',
  ADMIN_ROOM_ID: '!admin:localhost',
  REVIEWERS: '@rita:localhost, @ron:localhost',
};

describe('workerConfig', () => {
  it('needs no more than Redis, the admin room and the reviewers', () => {
    const { config } = readConfig(workerConfig, env);
    expect(config.approvals).toEqual({
      adminRoom: '!admin:localhost',
      reviewers: ['@rita:localhost', '@ron:localhost'],
    });
    expect(config.model).toEqual({ provider: 'offline' });
  });

  it.each([
    ['REVIEWERS', undefined],
    ['REVIEWERS', ' '],
    ['REVIEWERS', ' , ,'],
    ['REVIEWERS', 'rita'],
    ['REVIEWERS', '@rita:localhost,*'],
    ['REVIEWERS', '@*:localhost'],
    ['ADMIN_ROOM_ID', undefined],
    ['ADMIN_ROOM_ID', ''],
    ['ADMIN_ROOM_ID', '#admin:localhost'],
    ['PAYLOAD_KEY', ''],
    ['PAYLOAD_KEY', 'short'],
    ['CHECKPOINTER', 'memory'],
  ])('refuses to start with %s=%s, and names it', (name, value) => {
    const problems = [expect.objectContaining({ name })];
    expect(() => readConfig(workerConfig, { ...env, [name]: value })).toThrow(
      expect.objectContaining({ name: ConfigError.name, problems }),
    );
  });
});
