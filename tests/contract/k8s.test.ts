import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { checkManifests, type Manifest } from '../support/check-manifests.ts';
import { deployedServices, knownVariables, secretVariables } from '../support/service-schemas.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const overlays = ['dev', 'prod'] as const;

const labels = z.record(z.string(), z.string());
const selector = z.looseObject({ matchLabels: labels.default({}) });
const variable = z.looseObject({ name: z.string(), value: z.string().optional() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  env: z.array(variable).default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
});
const pod = z.looseObject({
  automountServiceAccountToken: z.boolean().optional(),
  serviceAccountName: z.string().optional(),
  terminationGracePeriodSeconds: z.number().optional(),
  containers: z.array(container).nonempty(),
  securityContext: z.looseObject({}).optional(),
  volumes: z.array(
    z.looseObject({ name: z.string(), secret: z.looseObject({ secretName: z.string() }).optional() }),
  ),
});
const workload = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    template: z.looseObject({ metadata: z.looseObject({ labels }), spec: pod }),
  }),
});

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Named = z.output<typeof manifest>;

/** What `kubectl apply -k` would send. */
function build(overlay: string): Named[] {
  let text: string;
  try {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    text = execFileSync('kubectl', ['kustomize', join(root, 'k8s/overlays', overlay)], {
      encoding: 'utf8',
      stdio,
    });
  } catch (error) {
    throw new Error('kubectl kustomize failed; tests need kubectl: apt-get install kubernetes-client', {
      cause: error,
    });
  }
  return parseAllDocuments(text).map((document) => manifest.parse(document.toJS()));
}

const built = new Map(overlays.map((overlay) => [overlay, build(overlay)]));
const manifestsOf = (overlay: (typeof overlays)[number]): Named[] => built.get(overlay) ?? [];
const workloadsOf = (overlay: (typeof overlays)[number]) =>
  manifestsOf(overlay)
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map((one) => workload.parse(one));
const ofKind = (overlay: (typeof overlays)[number], kind: string): Named[] =>
  manifestsOf(overlay).filter((one) => one.kind === kind);

function fits(wanted: unknown, own: Readonly<Record<string, string>>): boolean {
  const { matchLabels } = selector.parse(wanted);
  return Object.entries(matchLabels).every(([name, value]) => own[name] === value);
}

describe.each(overlays)('the overlay %s', (overlay) => {
  it('is made of fields that Kubernetes and KEDA know', () => {
    expect(checkManifests(manifestsOf(overlay) as unknown as Manifest[])).toEqual([]);
  });

  it('runs every service, by the command of the image', () => {
    const commands = workloadsOf(overlay).flatMap(({ spec }) =>
      spec.template.spec.containers.map(({ command }) => command),
    );
    for (const service of deployedServices)
      expect(commands).toContainEqual(['node', `services/${service}/main.ts`]);
  });

  it('lets no container be root, gain a right, write to its root, or run without limits and probes', () => {
    for (const { metadata, spec } of workloadsOf(overlay)) {
      const { securityContext, automountServiceAccountToken, containers } = spec.template.spec;
      expect(securityContext, metadata.name).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(automountServiceAccountToken, metadata.name).toBe(false);
      for (const one of containers) {
        expect(one, metadata.name).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: { cpu: expect.any(String), memory: expect.any(String) },
            limits: { cpu: expect.any(String), memory: expect.any(String) },
          },
          startupProbe: expect.anything(),
          livenessProbe: expect.anything(),
          readinessProbe: expect.anything(),
        });
        expect(one.image, metadata.name).toMatch(/:v?\d+\.\d+\.\d+(-[\w.]+)?$/);
      }
    }
  });

  it('gives each service an account of its own and the secrets of its own, as files', () => {
    const secrets = secretVariables();
    for (const { metadata, spec } of workloadsOf(overlay)) {
      const { serviceAccountName, volumes, containers } = spec.template.spec;
      const own = deployedServices.find((service) => service === metadata.name);
      const mounted = volumes.flatMap(({ secret }) => (secret === undefined ? [] : [secret.secretName]));
      expect(mounted, metadata.name).toEqual([own === undefined ? 'vagent-redis' : `vagent-${own}`]);
      if (own !== undefined) expect(serviceAccountName).toBe(`vagent-${own}`);
      for (const { name } of containers.flatMap(({ env }) => env))
        expect(secrets.has(name), name).toBe(false);
    }
    expect(ofKind(overlay, 'Secret')).toEqual([]);
  });

  it('sets no variable that its service does not know, and none twice', () => {
    const maps = new Map(
      ofKind(overlay, 'ConfigMap').map(({ metadata, data }) => [
        metadata.name,
        z.record(z.string(), z.string()).parse(data),
      ]),
    );
    const all = new Set(deployedServices.flatMap((service) => [...knownVariables(service)]));
    for (const { metadata, spec } of workloadsOf(overlay)) {
      const service = deployedServices.find((one) => one === metadata.name);
      if (service === undefined) continue;
      for (const { env, envFrom } of spec.template.spec.containers) {
        for (const { name } of env)
          expect(knownVariables(service).has(name), `${service}: ${name}`).toBe(true);
        const shared = envFrom.flatMap(({ configMapRef }) => Object.keys(maps.get(configMapRef.name) ?? {}));
        expect(shared.length, service).toBeGreaterThan(0);
        for (const name of shared) expect(all.has(name), name).toBe(true);
        const names = [...env.map(({ name }) => name), ...shared];
        expect(new Set(names).size, service).toBe(names.length);
      }
    }
  });

  it('denies all traffic, and covers every pod with a policy that lets it do its work', () => {
    const policies = ofKind(overlay, 'NetworkPolicy').map(({ metadata, spec }) => ({
      name: metadata.name,
      spec: z.looseObject({ podSelector: z.unknown(), policyTypes: z.array(z.string()) }).parse(spec),
    }));
    const deny = policies.find(({ name }) => name === 'default-deny');
    expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    for (const { metadata, spec } of workloadsOf(overlay)) {
      const own = spec.template.metadata.labels;
      const covering = policies.filter(
        ({ name, spec: { podSelector } }) =>
          !['default-deny', 'dns'].includes(name) && fits(podSelector, own),
      );
      expect(covering.length, metadata.name).toBeGreaterThan(0);
    }
  });

  it('keeps every service but for one replica through a drain of nodes', () => {
    const budgets = ofKind(overlay, 'PodDisruptionBudget').map(({ spec }) =>
      z.looseObject({ selector, maxUnavailable: z.number() }).parse(spec),
    );
    for (const { metadata, spec } of workloadsOf(overlay)) {
      if (metadata.name === 'redis' && overlay === 'dev') continue;
      const own = budgets.filter((budget) => fits(budget.selector, spec.template.metadata.labels));
      expect(
        own.map(({ maxUnavailable }) => maxUnavailable),
        metadata.name,
      ).toEqual([1]);
    }
  });

  it('gives a service longer to end than it takes, its preStop included', () => {
    for (const service of deployedServices) {
      const found = workloadsOf(overlay).find(({ metadata }) => metadata.name === service);
      // 3 s of preStop, 25 s of grace in runService.
      expect(found?.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(3 + 25 + 2);
    }
  });
});

describe('the overlay prod', () => {
  it('scales workers and egress by the backlog of all partitions, from the first entry on, never to none', () => {
    const objects = ofKind('prod', 'ScaledObject');
    expect(objects.map(({ metadata }) => metadata.name).sort()).toEqual(['egress', 'worker']);
    for (const { metadata, spec } of objects) {
      const group = metadata.name === 'worker' ? 'graph' : 'egress';
      expect(spec).toMatchObject({
        scaleTargetRef: { name: metadata.name },
        minReplicaCount: 2,
        fallback: { failureThreshold: 3 },
        triggers: [
          {
            type: 'prometheus',
            metadata: { query: `max(vagent_backlog_entries{group="${group}"})`, activationThreshold: '0' },
          },
        ],
      });
    }
    // Who is scaled says nowhere else how many there are.
    const scaled = workloadsOf('prod').filter(({ metadata }) => ['worker', 'egress'].includes(metadata.name));
    for (const { spec } of scaled) expect(spec).not.toHaveProperty('replicas');
  });

  it('has three servers and three sentinels of Redis on nodes of their own, and takes no write alone', () => {
    for (const name of ['redis', 'redis-sentinel']) {
      const found = workloadsOf('prod').find(({ metadata }) => metadata.name === name);
      expect(found?.spec).toMatchObject({
        replicas: 3,
        template: {
          spec: {
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
              },
            },
          },
        },
      });
    }
    const config = ofKind('prod', 'ConfigMap').find(({ metadata }) =>
      metadata.name.startsWith('redis-config'),
    );
    const text = z.record(z.string(), z.string()).parse(config?.['data'])['redis.conf'];
    for (const line of ['appendfsync always', 'maxmemory-policy noeviction', 'min-replicas-to-write 1'])
      expect(text).toContain(line);
  });

  it('carries every dashboard and every rule that there is', async () => {
    const maps = ofKind('prod', 'ConfigMap').flatMap(({ data }) =>
      Object.keys(z.record(z.string(), z.string()).parse(data)),
    );
    const dashboards = (await readdir(join(root, 'k8s/dashboards'))).filter((name) => name.endsWith('.json'));
    const rules = (await readdir(join(root, 'k8s/alerts'))).filter((name) => name.endsWith('.rules.yaml'));
    expect(maps).toEqual(expect.arrayContaining([...dashboards, ...rules]));
  });
});

describe('the check of manifests', () => {
  it('finds fields that nobody knows, and values of another type', () => {
    const service = (spec: Record<string, unknown>) =>
      checkManifests([
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec } as unknown as Manifest,
      ]);
    expect(service({ ports: [{ port: 1 }] })).toEqual([]);
    expect(service({ port: [{ port: 1 }] })).toHaveLength(1);
    expect(service({ ports: [{ port: 'one' }] })).toHaveLength(1);
  });
});
