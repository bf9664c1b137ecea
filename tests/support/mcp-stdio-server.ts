import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createMcpTestServer } from './mcp-test-tools.ts';

// Garbage on standard output and words on standard error: both happen to real servers.
process.stdout.write('starting up\n');
process.stderr.write(`here I am, ${process.pid}\n`);
if (process.argv.includes('--stubborn')) process.on('SIGTERM', () => {});
const server = createMcpTestServer({ applied: new Map(), hasHidden: false, total: 0 });
await server.connect(new StdioServerTransport());
if (process.argv.includes('--stubborn')) setInterval(() => {}, 60_000);
