import { z } from 'zod';
import { setting } from '#runtime/setting';

export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUrl: URL;
  /** The claim with the Matrix id of whoever signs in. */
  readonly userClaim: string;
  readonly roleClaim: string;
  readonly scopes: string;
}

const fields = z.object({
  OIDC_ISSUER: setting.url().optional(),
  OIDC_CLIENT_ID: setting.text('the id of this client at the provider').optional(),
  OIDC_CLIENT_SECRET: setting
    .secret('the secret of this client at the provider', (text) => text.length >= 8, { isBlankRefused: true })
    .optional(),
  OIDC_REDIRECT_URL: setting.url().optional(),
  OIDC_USER_CLAIM: setting.text('the claim that holds a Matrix id').default('matrix_id'),
  OIDC_ROLE_CLAIM: setting.text('the claim that holds the role').default('vagent_role'),
  OIDC_SCOPES: setting.text('scopes with openid among them', hasOpenId).default('openid profile'),
});
const together = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_REDIRECT_URL'] as const;

/** How people sign in by OpenID Connect; undefined where they do not. All of it or nothing. */
export const oidcSettings = fields.transform((values, context): OidcSettings | undefined => {
  const refuse = (name: (typeof together)[number], message: string, remedy: string): void => {
    context.addIssue({ code: 'custom', path: [name], message, params: { remedy } });
  };
  const given = together.filter((name) => values[name] !== undefined);
  if (given.length === 0) return undefined;
  for (const name of together) {
    if (values[name] === undefined) refuse(name, 'is missing', `Set it too, or unset ${given.join(' and ')}`);
  }
  for (const name of ['OIDC_ISSUER', 'OIDC_REDIRECT_URL'] as const) {
    const url = values[name];
    if (url !== undefined && !isSafe(new URL(url)))
      refuse(name, 'would send secrets in clear', 'Set it to a URL that begins with https://');
  }
  return {
    issuer: new URL(values.OIDC_ISSUER ?? 'https://invalid'),
    clientId: values.OIDC_CLIENT_ID ?? '',
    clientSecret: values.OIDC_CLIENT_SECRET ?? '',
    redirectUrl: new URL(values.OIDC_REDIRECT_URL ?? 'https://invalid'),
    userClaim: values.OIDC_USER_CLAIM,
    roleClaim: values.OIDC_ROLE_CLAIM,
    scopes: values.OIDC_SCOPES,
  };
});

function hasOpenId(scopes: string): boolean {
  return scopes.split(' ').includes('openid');
}

/** On this machine nobody listens in. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
