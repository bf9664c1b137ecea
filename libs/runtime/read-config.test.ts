import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import { type Environment, readConfig } from './read-config.ts';
import { setting } from './setting.ts';

const schema = z.object({
  MATRIX_HOMESERVER: setting.url(),
  MATRIX_PASSWORD: setting.secret(),
  REVIEWERS: setting.list('user ids, e.g. @ann:example.org', (item) => item.startsWith('@')),
  WORKER_CONCURRENCY: setting.integer({ min: 1, max: 1024 }).default(64),
  MATRIX_MODE: setting.oneOf(['sync', 'appservice']).default('sync'),
});
const usable = {
  MATRIX_HOMESERVER: 'https://matrix.example.org',
  MATRIX_PASSWORD: 'correct horse',
  REVIEWERS: '@ann:example.org, @bob:example.org',
};

function problemsOf(env: Environment, shape: z.ZodObject = schema): ConfigError {
  try {
    readConfig(shape, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted');
}

describe('readConfig', () => {
  let folder = '';
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vagent-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives typed values and defaults', () => {
    const { config, warnings } = readConfig(schema, usable);
    expect(config).toEqual({
      ...usable,
      REVIEWERS: ['@ann:example.org', '@bob:example.org'],
      WORKER_CONCURRENCY: 64,
      MATRIX_MODE: 'sync',
    });
    expect(warnings).toEqual([]);
  });

  it('tells all problems at once, in the order of the schema, each with a remedy', () => {
    const error = problemsOf({ REVIEWERS: 'ann', WORKER_CONCURRENCY: 'many', MATRIX_MODE: 'push' });
    expect(error.message.split('\n')).toEqual([
      'The configuration has 5 problems:',
      '  MATRIX_HOMESERVER is missing. Set MATRIX_HOMESERVER to a URL that begins with http:// or https://',
      '  MATRIX_PASSWORD is missing. Set MATRIX_PASSWORD to its secret value, or MATRIX_PASSWORD_FILE to the path of a file that holds it',
      '  REVIEWERS is "ann". Set REVIEWERS to a comma separated list of user ids, e.g. @ann:example.org',
      '  WORKER_CONCURRENCY is "many". Set WORKER_CONCURRENCY to a whole number from 1 to 1024',
      '  MATRIX_MODE is "push". Set MATRIX_MODE to one of sync, appservice',
    ]);
  });

  it('shows neither secrets nor URLs, which may hold a password, when their form is wrong', () => {
    const strict = z.object({
      TOKEN: setting.secret('eight digits', (text) => /^\d{8}$/.test(text)),
      LINK: setting.url(),
    });
    const { message } = problemsOf({ TOKEN: 'canary-one', LINK: 'ftp://me:canary-two@host' }, strict);
    expect(message).not.toContain('canary');
    expect(message).toContain('TOKEN is not usable. Set TOKEN to eight digits, or TOKEN_FILE');
  });

  it('counts blank values as missing, so that a default applies', () => {
    expect(readConfig(schema, { ...usable, WORKER_CONCURRENCY: ' ' }).config.WORKER_CONCURRENCY).toBe(64);
    expect(problemsOf({ ...usable, MATRIX_PASSWORD: '  ' }).message).toContain('MATRIX_PASSWORD is missing');
  });

  it('reads NAME_FILE and drops one newline at the end, no more', () => {
    const env = { ...usable, MATRIX_PASSWORD: '', MATRIX_PASSWORD_FILE: file('password', ' from file \n\n') };
    expect(readConfig(schema, env).config.MATRIX_PASSWORD).toBe(' from file \n');
  });

  it('refuses NAME together with NAME_FILE, an unreadable file and an empty one', () => {
    const both = { ...usable, MATRIX_PASSWORD_FILE: file('other', 'x') };
    expect(problemsOf(both).problems).toMatchObject([
      { name: 'MATRIX_PASSWORD', remedy: 'Unset one of the two' },
    ]);
    const { MATRIX_PASSWORD: _, ...without } = usable;
    const unreadable = problemsOf({ ...without, MATRIX_PASSWORD_FILE: join(folder, 'nowhere') });
    expect(unreadable.problems).toHaveLength(1);
    expect(unreadable.message).toContain('nowhere (ENOENT)');
    const empty = problemsOf({ ...without, MATRIX_PASSWORD_FILE: file('empty', '\n') });
    expect(empty.message).toContain('empty, which is empty');
  });

  it('warns about misspelt names, but not about those that others know', () => {
    const env = {
      ...usable,
      REVIEWER: '@x:y',
      MATRIX_HOMSERVER: 'x',
      WORKER_CONCURENCY_FILE: '/x',
      HOME: '/root',
    };
    expect(readConfig(schema, env).warnings).toEqual([
      'REVIEWER is set but unknown: did you mean REVIEWERS?',
      'MATRIX_HOMSERVER is set but unknown: did you mean MATRIX_HOMESERVER?',
      'WORKER_CONCURENCY_FILE is set but unknown: did you mean WORKER_CONCURRENCY?',
    ]);
    expect(readConfig(schema, { ...usable, REVIEWER: 'x', matrix_mode: 'x' }, ['REVIEWER']).warnings).toEqual(
      ['matrix_mode is set but unknown: did you mean MATRIX_MODE?'],
    );
  });

  it('composes groups, whose own checks may name a variable and a remedy', () => {
    const login = z
      .object({
        MATRIX_PASSWORD: setting.secret().optional(),
        MATRIX_ACCESS_TOKEN: setting.secret().optional(),
      })
      .transform((fields, context) => {
        if (fields.MATRIX_PASSWORD !== undefined || fields.MATRIX_ACCESS_TOKEN !== undefined) return fields;
        const params = { remedy: 'Set it, or MATRIX_ACCESS_TOKEN' };
        context.addIssue({ code: 'custom', path: ['MATRIX_PASSWORD'], message: 'is missing', params });
        return z.NEVER;
      });
    const grouped = z.object({ matrix: z.object({ login }), work: z.object({ LIMIT: setting.integer() }) });
    expect(problemsOf({}, grouped).message.split('\n').slice(1)).toEqual([
      '  MATRIX_PASSWORD is missing. Set it, or MATRIX_ACCESS_TOKEN',
      '  LIMIT is missing. Set LIMIT to a whole number',
    ]);
    const { config } = readConfig(grouped, { MATRIX_ACCESS_TOKEN: 'token', LIMIT: '3' });
    expect(config).toEqual({ matrix: { login: { MATRIX_ACCESS_TOKEN: 'token' } }, work: { LIMIT: 3 } });
  });

  it('hands over every secret value, for the log to cover', () => {
    const shape = z.object({
      KEYS: setting.secret(),
      LINK: setting.url(['redis:']),
      NAME: setting.text('a name'),
    });
    const env = { KEYS: 'first-key,second-key', LINK: 'redis://me:p%40ss@host', NAME: 'public' };
    expect(readConfig(shape, env).secrets).toEqual([
      'first-key,second-key',
      'first-key',
      'second-key',
      'p%40ss',
      'p@ss',
    ]);
  });
});
