import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { RegistrationError } from './errors.ts';

export interface AppserviceRegistration {
  readonly id: string;
  readonly asToken: string;
  readonly hsToken: string;
  readonly senderLocalpart: string;
  /** Of the users that are the appservice's, beside its sender. */
  readonly userNamespaces: readonly UserNamespace[];
}

export interface UserNamespace {
  /** As it stands in the file, in the homeserver's dialect. */
  readonly regex: string;
  /** Nobody else can register a user of it. */
  readonly isExclusive: boolean;
}

const namespace = z.object({ regex: z.string().min(1).max(1_000), exclusive: z.boolean().default(false) });

const registration = z.object({
  id: z.string().min(1),
  as_token: z.string().min(1),
  hs_token: z.string().min(1),
  sender_localpart: z.string().min(1),
  namespaces: z.object({ users: z.array(namespace).max(100).nullish() }).nullish(),
});

/**
 * Reads the registration file that the homeserver has loaded too (application service API, "Registration").
 *
 * @throws {RegistrationError} naming the file and what is wrong in it, never a token.
 */
export async function loadAppserviceRegistration(file: string): Promise<AppserviceRegistration> {
  const parsed = registration.safeParse(await readYaml(file));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'file'}: ${message}`,
    );
    throw new RegistrationError(file, problems.join('; '));
  }
  const {
    id,
    as_token: asToken,
    hs_token: hsToken,
    sender_localpart: senderLocalpart,
    namespaces,
  } = parsed.data;
  if (asToken === hsToken) throw new RegistrationError(file, 'as_token and hs_token are the same');
  const userNamespaces = (namespaces?.users ?? []).map(({ regex, exclusive }) => ({
    regex,
    isExclusive: exclusive,
  }));
  return { id, asToken, hsToken, senderLocalpart, userNamespaces };
}

async function readYaml(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new RegistrationError(file, 'cannot be read', { cause });
  }
  try {
    return parse(text);
  } catch (error) {
    // The parser's own message quotes lines of the file, and with them tokens.
    const line =
      error instanceof Error && 'linePos' in error ? JSON.stringify(error.linePos) : 'unknown place';
    throw new RegistrationError(file, `is not YAML (${line})`);
  }
}
