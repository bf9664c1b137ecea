import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { healthSettings } from './health-settings.ts';
import { readConfig } from './read-config.ts';

const schema = z.object({ health: healthSettings(8081) });

describe('healthSettings', () => {
  it("listens on loopback and on the service's own port by default", () => {
    expect(readConfig(schema, {}).config.health).toEqual({ host: '127.0.0.1', port: 8081 });
  });

  it('can be opened and moved', () => {
    const env = { HEALTH_HOST: '0.0.0.0', HEALTH_PORT: '0' };
    expect(readConfig(schema, env).config.health).toEqual({ host: '0.0.0.0', port: 0 });
  });
});
