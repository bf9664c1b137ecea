import { expect, it } from 'vitest';
import { z } from 'zod';
import { logSettings } from './log-settings.ts';
import { readConfig } from './read-config.ts';

const schema = z.object({ log: logSettings });

it('logs from info on, in the form that suits the output, by default', () => {
  expect(readConfig(schema, {}).config.log).toEqual({ level: 'info', format: 'auto' });
});

it('takes a level and a form', () => {
  const env = { LOG_LEVEL: 'debug', LOG_FORMAT: 'pretty' };
  expect(readConfig(schema, env).config.log).toEqual({ level: 'debug', format: 'pretty' });
  expect(() => readConfig(schema, { LOG_LEVEL: 'verbose' })).toThrow('LOG_LEVEL is "verbose"');
});
