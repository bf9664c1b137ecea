import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, without a window. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: flags });
}

/**
 * Tests that need a browser. Where there is none they fail in CI; elsewhere they are left out, and it is said why.
 */
export function describeInBrowser(name: string, tests: () => void): void {
  const isMissing = !existsSync(program);
  if (isMissing) process.stderr.write(`${name}: needs Chromium at ${program}: apt-get install chromium\n`);
  // A browser beside a whole system on a small machine is slow.
  describe.skipIf(isMissing && !process.env['CI'])(name, { timeout: 180_000 }, tests);
}
