import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, resolveConfig } from './config.ts';
import { HomeserverConfigError } from './errors.ts';

describe('resolveConfig', () => {
  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.org', '127.0.0.1.example.org'])(
    'refuses to listen on %s',
    (host) => {
      expect(() => resolveConfig({ host })).toThrow(HomeserverConfigError);
    },
  );

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('listens on %s', (host) => {
    expect(resolveConfig({ host }).host).toBe(host);
  });
});

describe('readConfig', () => {
  it('listens on port 8008 and keeps everything in memory when nothing is set', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ port: 8008, serverName: 'localhost', appservices: [] });
    expect(config).not.toHaveProperty('dataDir');
  });

  it('names the variable and the value of a port that is none', () => {
    expect(() => readConfig({ HOMESERVER_PORT: 'http' })).toThrow(
      'HOMESERVER_PORT is "http"; give a port number.',
    );
  });

  it('names the file of a registration that it cannot use', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vagent-registration-')), 'as.yaml');
    writeFileSync(file, 'id: x\n');
    expect(() => readConfig({ MATRIX_APPSERVICE_REGISTRATION: file })).toThrow(file);
  });
});
