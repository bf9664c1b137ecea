import { z } from 'zod';
import { setting } from '#runtime/setting';

export type MatrixAccess =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | {
      readonly kind: 'appservice';
      readonly registrationFile: string;
      /** The bot, where it is another user of the appservice than its sender; id or local part. */
      readonly user?: string | undefined;
    };

export interface MatrixSettings {
  readonly homeserver: string;
  readonly access: MatrixAccess;
}

const fields = z.object({
  MATRIX_HOMESERVER: setting.url(),
  MATRIX_MODE: setting.oneOf(['sync', 'appservice']).default('sync'),
  MATRIX_USER: setting.text('the user id or local part of the bot').optional(),
  MATRIX_PASSWORD: setting.secret('the password of the bot').optional(),
  MATRIX_ACCESS_TOKEN: setting.secret('an access token of the bot').optional(),
  MATRIX_APPSERVICE_REGISTRATION: setting
    .text('the path of the registration file that the homeserver has loaded')
    .optional(),
});

/**
 * Where and as whom: `MATRIX_MODE=appservice` with `MATRIX_APPSERVICE_REGISTRATION` (as its sender, or as `MATRIX_USER`), else `MATRIX_ACCESS_TOKEN`,
 * else `MATRIX_USER` with `MATRIX_PASSWORD`.
 */
export const matrixSettings = fields.transform((values, context): MatrixSettings => {
  const homeserver = values.MATRIX_HOMESERVER;
  const missing = (name: keyof typeof values, remedy: string): never => {
    context.addIssue({ code: 'custom', path: [name], message: 'is missing', params: { remedy } });
    return z.NEVER;
  };
  if (values.MATRIX_MODE === 'appservice') {
    const registrationFile = values.MATRIX_APPSERVICE_REGISTRATION;
    if (registrationFile === undefined) {
      return missing(
        'MATRIX_APPSERVICE_REGISTRATION',
        'Set it to the registration file, or MATRIX_MODE to sync',
      );
    }
    return { homeserver, access: { kind: 'appservice', registrationFile, user: values.MATRIX_USER } };
  }
  const { MATRIX_ACCESS_TOKEN: token, MATRIX_USER: user, MATRIX_PASSWORD: password } = values;
  if (token !== undefined) return { homeserver, access: { kind: 'token', token } };
  const other = 'or set MATRIX_ACCESS_TOKEN';
  if (user === undefined) return missing('MATRIX_USER', `Set it to the user id of the bot, ${other}`);
  if (password === undefined)
    return missing('MATRIX_PASSWORD', `Set it to the password of ${user}, ${other}`);
  return { homeserver, access: { kind: 'password', user, password } };
});
