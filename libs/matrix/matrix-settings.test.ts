import { expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '#runtime/read-config';
import { matrixSettings } from './matrix-settings.ts';

const read = (env: Record<string, string>) =>
  readConfig(z.object({ matrix: matrixSettings }), { MATRIX_HOMESERVER: 'http://hs', ...env });

it.each([
  [
    { MATRIX_ACCESS_TOKEN: 't', MATRIX_USER: 'u' },
    { kind: 'token', token: 't' },
  ],
  [
    { MATRIX_USER: 'u', MATRIX_PASSWORD: 'p' },
    { kind: 'password', user: 'u', password: 'p' },
  ],
  [
    { MATRIX_MODE: 'appservice', MATRIX_APPSERVICE_REGISTRATION: 'f', MATRIX_ACCESS_TOKEN: 't' },
    { kind: 'appservice', registrationFile: 'f' },
  ],
])('reads %j', (env, access) => {
  expect(read(env).config.matrix).toEqual({ homeserver: 'http://hs', access });
});

it.each([
  [{}, 'MATRIX_USER is missing'],
  [{ MATRIX_USER: 'u' }, 'MATRIX_PASSWORD is missing'],
  [{ MATRIX_MODE: 'appservice' }, 'MATRIX_APPSERVICE_REGISTRATION is missing'],
  [{ MATRIX_MODE: 'push' }, 'MATRIX_MODE'],
  [{ MATRIX_HOMESERVER: 'hs:8008', MATRIX_ACCESS_TOKEN: 't' }, 'MATRIX_HOMESERVER'],
])('refuses %j: %s', (env, problem) => {
  expect(() => read(env)).toThrow(problem);
});
