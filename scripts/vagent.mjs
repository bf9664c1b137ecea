#!/usr/bin/env node
// The `vagent` command. Plain JavaScript, so that a Node that cannot read TypeScript still gets far enough to
// find one that can: the project's own, in node_modules.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > 22 || (major === 22 && minor >= 18);
const program = fileURLToPath(new URL('vagent.ts', import.meta.url));
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

// What was compiled once is not compiled again, here and in the services: a start takes half the time. Where nothing can be
// written, nothing is kept.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/node-compile', import.meta.url),
);

// glibc would give each thread of Node a heap of its own, and never give back the buffers of a busy time: a quarter of what a
// service holds, for nothing.
process.env.MALLOC_ARENA_MAX ??= '2';
process.env.MALLOC_MMAP_THRESHOLD_ ??= '65536';

if (isNewEnough) {
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
  await import('./vagent.ts');
} else if (existsSync(ownNode)) {
  const child = spawn(ownNode, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`vagent cannot run ${ownNode}: ${error.message}. Type: npm ci\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 15);
  });
} else {
  process.stderr.write(
    `vagent needs Node 22.18 or newer, and this is ${process.version}. Its own Node 24 is missing from node_modules: type npm ci\n`,
  );
  process.exitCode = 1;
}
