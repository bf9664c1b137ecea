import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { freePort } from './free-port.ts';

export interface OidcProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What the provider says of somebody, by the name that they sign in with. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A real OpenID provider on loopback, with its own pages for developers: any password is right. */
export async function startOidcProvider(redirectUrl: string, accounts: Accounts): Promise<OidcProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { client_id: 'vagent', client_secret: 'a secret of the client' };
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirectUrl], grant_types: ['authorization_code'] }],
    claims: { openid: ['sub'], profile: ['name', 'matrix_id', 'vagent_role'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...accounts[sub] }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key for the cookies of a test'] },
  });
  const server = createServer(provider.callback()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
