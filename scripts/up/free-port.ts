import { once } from 'node:events';
import { createServer } from 'node:net';

/** The wanted port of loopback where nobody listens on it, else one that the system chooses. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const isTaken =
      error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code));
    if (isTaken && wanted !== 0) return freePort();
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new Error('The system gave no port on 127.0.0.1');
  return address.port;
}
