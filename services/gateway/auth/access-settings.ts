import { z } from 'zod';
import { setting } from '#runtime/setting';
import { oidcSettings } from './oidc-settings.ts';
import { tokenSettings } from './token-settings.ts';

/**
 * The ways in. `CONSOLE_LINKS=on` lets single-use links in that `vagent console` prints: whoever may write to Redis
 * makes them.
 */
export const accessSettings = z
  .object({ tokens: tokenSettings, oidc: oidcSettings, CONSOLE_LINKS: setting.boolean().default(false) })
  .transform(({ tokens, oidc, CONSOLE_LINKS: links }, context) => {
    if (tokens === undefined && oidc === undefined && !links) {
      const remedy =
        'Set JWT_SECRET or JWT_PUBLIC_KEY with JWT_ISSUER and JWT_AUDIENCE, or OIDC_ISSUER and what belongs to it, or CONSOLE_LINKS=on';
      const message = 'is missing, and so is every other way in: nobody could be told from anybody else';
      context.addIssue({ code: 'custom', path: ['JWT_SECRET'], message, params: { remedy } });
    }
    return { tokens, oidc, links };
  });
export type AccessSettings = z.output<typeof accessSettings>;
