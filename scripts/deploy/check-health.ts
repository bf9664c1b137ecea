import process from 'node:process';

/**
 * Exits with 0 where the service of this container answers well, for images without curl.
 * `check-health.ts [/health|/ready]`; the port is what `HEALTH_PORT` or `GATEWAY_PORT` says.
 */
const port = process.env['HEALTH_PORT'] ?? process.env['GATEWAY_PORT'];
const path = process.argv[2] ?? '/health';
if (port === undefined) {
  process.stderr.write('Neither HEALTH_PORT nor GATEWAY_PORT says where to ask\n');
  process.exit(1);
}
try {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}${path}`, {
    signal: AbortSignal.timeout(4_000),
  });
  if (!ok) process.stderr.write(`${path} answers ${status}\n`);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  process.stderr.write(
    `${path} does not answer: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
