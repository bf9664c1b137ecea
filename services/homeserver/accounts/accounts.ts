import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';

const deriveKey = promisify<string, Buffer, number, Buffer>(scrypt);

export interface NewAccount {
  localpart: string;
  password?: string | undefined;
  displayname?: string | undefined;
  appservice?: string | undefined;
  admin?: boolean | undefined;
}

/** Creates the account and returns its user id; the display name starts as the localpart, as Synapse has it. */
export async function createAccount(context: Context, account: NewAccount): Promise<string> {
  if (!/^[a-z0-9._=\-/+]+$/.test(account.localpart)) {
    throw new MatrixError(
      400,
      'M_INVALID_USERNAME',
      "User ID can only contain characters a-z, 0-9, or '=_-./+'",
    );
  }
  const userId = `@${account.localpart}:${context.config.serverName}`;
  const password = account.password === undefined ? null : await hashPassword(account.password);
  // Checked after the wait above, so that of two registrations at once one is told that the name is taken.
  if (userExists(context, userId)) {
    throw new MatrixError(400, 'M_USER_IN_USE', 'User ID already taken.');
  }
  context.database.run(
    `INSERT INTO users (user_id, password, displayname, appservice, admin, created_ts) VALUES (?, ?, ?, ?, ?, ?)`,
    userId,
    password,
    account.displayname ?? account.localpart,
    account.appservice ?? null,
    account.admin ? 1 : 0,
    context.now(),
  );
  return userId;
}

export function userExists(context: Context, userId: string): boolean {
  return context.database.get('SELECT 1 FROM users WHERE user_id = ?', userId) !== undefined;
}

/** Whether this is the user's password; an account without one can not log in by password. */
export async function isPasswordOf(context: Context, userId: string, password: string): Promise<boolean> {
  const row = context.database.get<{ password: string | null }>(
    'SELECT password FROM users WHERE user_id = ?',
    userId,
  );
  const [salt, hash] = row?.password?.split(':') ?? [];
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'hex');
  return timingSafeEqual(await deriveKey(password, Buffer.from(salt, 'hex'), expected.length), expected);
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await deriveKey(password, salt, 32)).toString('hex')}`;
}
