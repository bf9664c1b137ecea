import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createMcpTestServer, createMcpTestState } from './mcp-test-tools.ts';

// Garbage on standard output and words on standard error: both happen to real servers.
process.stdout.write('starting up\n');
process.stderr.write(`here I am, ${process.pid}\n`);
if (process.argv.includes('--stubborn')) process.on('SIGTERM', () => {});
const listing = (['endless', 'restless', 'silent'] as const).find((way) => process.argv.includes(`--${way}`));
const server = createMcpTestServer(createMcpTestState(listing));
await server.connect(new StdioServerTransport());
if (process.argv.includes('--stubborn')) setInterval(() => {}, 60_000);
