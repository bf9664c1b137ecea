/** Imports point down only: services -> (agents, dialogue) -> (streams, matrix, models) -> (checkpoint, playbook, runtime, contract). */
const floor = (name, libs, below) => ({
  name,
  comment: 'A library imports only what stands below it; see ARCHITECTURE.md, "Layers".',
  severity: 'error',
  from: { path: `^libs/(${libs})/` },
  to: { path: '^(libs|services|scripts)/', pathNot: `^libs/(${below})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'service-imports-no-service',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'code-imports-no-scripts-or-tests',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(scripts|tests)/' },
    },
    {
      name: 'one-matrix-sdk',
      severity: 'error',
      from: { pathNot: '^libs/matrix/' },
      to: { path: 'matrix-bot-sdk' },
    },
    floor('contract-imports-nothing', 'contract', 'contract'),
    floor('checkpoint-stands-alone', 'checkpoint', 'checkpoint'),
    floor('runtime-knows-no-domain', 'runtime', 'runtime'),
    floor('playbook', 'playbook', 'playbook|contract|runtime'),
    floor('streams', 'streams', 'streams|contract|runtime'),
    floor('operations', 'operations', 'operations|streams|contract|runtime'),
    floor('matrix', 'matrix', 'matrix|contract|runtime'),
    floor('crypto', 'crypto', 'crypto|matrix|streams|contract|runtime'),
    floor('models', 'models', 'models|playbook|contract|runtime'),
    floor('privacy', 'privacy', 'privacy|playbook|contract|runtime'),
    floor('dialogue', 'dialogue', 'dialogue|models|playbook|contract|runtime'),
    floor(
      'agents',
      'agents',
      'agents|operations|dialogue|streams|models|privacy|playbook|checkpoint|contract|runtime',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '\\.test\\.ts$' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
