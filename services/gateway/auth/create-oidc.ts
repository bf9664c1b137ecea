import type { Configuration } from 'openid-client';
import type { Logger } from 'pino';
import { z } from 'zod';
import { userId } from '#contract/matrix-ids';
import { keepSecret, type SecretShelf, takeSecret } from '#operations/gateway/kept-secret';
import type { SignIn } from '#operations/gateway/sign-in-code';
import { type Role, role } from '../api/role.ts';
import { UnavailableError } from '../errors.ts';
import type { OidcSettings } from './oidc-settings.ts';

export interface Oidc {
  /** Where the browser goes, and the secret that it has to bring back in a cookie. @throws {UnavailableError} */
  begin(): Promise<{ readonly url: URL; readonly secret: string }>;
  /**
   * Who has come back, once. `query` is what the provider has added to the redirect URL.
   *
   * @throws {UnavailableError} where the provider does not answer.
   */
  finish(secret: string, query: string): Promise<SignIn | Refused>;
}

/** For the person: what they can do about it. */
export interface Refused {
  readonly problem: string;
}

/** Time to type a password and find the second factor. */
export const oidcMs = 600_000;
/** For each question to the provider. */
const providerSeconds = 5;
/** Finishing asks about the provider, for the tokens, for the keys and for the person. */
export const finishMs = 5 * providerSeconds * 1_000;
const waiting = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
const claims = z.record(z.string(), z.unknown());

/**
 * Sign-in by OpenID Connect: authorisation code with PKCE, state and nonce, for a confidential client. The provider is
 * asked about itself at the first sign-in, so that a gateway starts while it is away.
 */
export function createOidc(
  settings: OidcSettings,
  { shelf, log }: { shelf: SecretShelf; log: Logger },
): Oidc {
  const provider = createProvider(settings, log);
  return {
    begin: async () => {
      const { client, config } = await provider();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const verifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: settings.redirectUrl.href,
        scope: settings.scopes,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url, secret: await keepSecret(shelf, 'oidcSignIn', { state, nonce, verifier }, oidcMs) };
    },

    finish: async (secret, query) => {
      const begun = await takeSecret(shelf, 'oidcSignIn', secret, waiting);
      if (begun === undefined)
        return { problem: 'This sign-in took too long, or was finished already: start again' };
      const { client, config } = await provider();
      const back = new URL(settings.redirectUrl);
      back.search = query;
      try {
        const tokens = await client.authorizationCodeGrant(config, back, {
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.verifier,
          idTokenExpected: true,
        });
        const known = claims.parse(tokens.claims() ?? {});
        const isComplete = [settings.userClaim, settings.roleClaim].every((name) => name in known);
        const more = isComplete
          ? {}
          : claims.parse(await client.fetchUserInfo(config, tokens.access_token, String(known['sub'])));
        return whoIs(settings, { ...more, ...known });
      } catch (error) {
        // The provider's words may quote what was sent.
        log.warn({ err: error }, 'A sign-in by OIDC failed');
        return { problem: 'The company account did not confirm this sign-in: start again' };
      }
    },
  };
}

/** Discovery, once; after a failure again with the next sign-in. */
function createProvider(settings: OidcSettings, log: Logger) {
  type Provider = { client: typeof import('openid-client'); config: Configuration };
  let found: Promise<Provider> | undefined;
  const discover = async (): Promise<Provider> => {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = settings;
    // Only on this machine: the settings refuse any other without TLS.
    const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const config = await client.discovery(issuer, clientId, clientSecret, undefined, {
      execute,
      timeout: providerSeconds,
    });
    return { client, config };
  };
  return async (): Promise<Provider> => {
    found ??= discover();
    try {
      return await found;
    } catch (error) {
      found = undefined;
      log.error({ err: error, issuer: settings.issuer.href }, 'The OIDC provider cannot be used');
      throw new UnavailableError('The company account cannot be reached at the moment: try again');
    }
  };
}

function whoIs(
  { userClaim, roleClaim }: OidcSettings,
  known: Readonly<Record<string, unknown>>,
): SignIn | Refused {
  const user = userId.safeParse(known[userClaim]);
  if (!user.success)
    return { problem: `Your account has no Matrix id (claim ${userClaim}): ask whoever manages it` };
  const allowed = highestRole(known[roleClaim]);
  if (allowed === undefined)
    return { problem: `Your account has no role here (claim ${roleClaim}): ask whoever manages it` };
  const name = z.string().min(1).max(255).safeParse(known['name']);
  return { user: user.data, name: name.success ? name.data : user.data, role: allowed };
}

/** Providers send one role or a list of all that somebody has; names that are no role of ours give nothing. */
function highestRole(claim: unknown): Role | undefined {
  const given: unknown[] = Array.isArray(claim) ? claim : [claim];
  return role.options.findLast((known) => given.includes(known));
}
