import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type AppserviceRegistration,
  toRegistration,
} from '../../services/homeserver/appservice/registration.ts';
import { freePort } from './free-port.ts';
import type { MatrixEvent } from './matrix-user.ts';

export interface ReceivedTransaction {
  readonly txnId: string;
  readonly events: readonly MatrixEvent[];
  readonly authorization: string | undefined;
}

export interface RecordingAppservice extends AsyncDisposable {
  readonly registration: AppserviceRegistration;
  /** Every transaction that came, also those answered with a failure. */
  readonly received: readonly ReceivedTransaction[];
  /** The bodies of all pings. */
  readonly pings: readonly unknown[];
  /** Status of the answers from now on; 200 at first. */
  answerWith(status: number): void;
}

/** An appservice that records what a homeserver pushes to it; namespace `@_agent_…`. */
export async function startRecordingAppservice(serverName = 'localhost'): Promise<RecordingAppservice> {
  const port = await freePort();
  const received: ReceivedTransaction[] = [];
  const pings: unknown[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const body: unknown = JSON.parse((await text(request)) || '{}');
    const path = request.url ?? '';
    if (path.startsWith('/_matrix/app/v1/ping')) pings.push(body);
    const txnId = /^\/_matrix\/app\/v1\/transactions\/([^/?]+)/.exec(path)?.[1];
    if (txnId !== undefined) {
      // The homeserver under test wrote this body; its shape is what the suite is about.
      const { events } = body as { events: MatrixEvent[] };
      received.push({ txnId, events, authorization: request.headers.authorization });
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const registration = toRegistration({
    id: 'vagent-test',
    url: `http://127.0.0.1:${port}`,
    as_token: randomBytes(16).toString('hex'),
    hs_token: randomBytes(16).toString('hex'),
    sender_localpart: '_agent',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: `@_agent_.*:${serverName}` }] },
  });
  return {
    registration,
    received,
    pings,
    answerWith: (next) => {
      status = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
