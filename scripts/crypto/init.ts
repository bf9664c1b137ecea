import { initCrossSigning, replaceCrossSigning } from '#crypto/cross-signing/init-cross-signing';
import { restoreCrossSigning } from '#crypto/cross-signing/restore-cross-signing';
import { hasSecretStorage, hasStoredSecrets, storeSecrets } from '#crypto/cross-signing/secret-storage';
import { CommandError } from '../cli/errors.ts';
import { paintFor } from '../cli/paint.ts';
import type { Terminal } from '../cli/terminal.ts';
import { askLine } from './ask-line.ts';
import { shownFingerprint } from './fingerprint.ts';
import type { CryptoAccess } from './open-crypto.ts';

/** `vagent crypto init`: makes the keys of the bot's account, once, and shows the recovery key. */
export async function init(access: CryptoAccess, terminal: Terminal): Promise<number> {
  const { client } = access;
  // Ours is made whole before it becomes the default one.
  if ((await hasSecretStorage(client)) && !(await hasStoredSecrets(client)))
    throw new CommandError(
      `The account of ${client.userId} has a secret storage of somebody else's making, and it would lose its key. Add --reset to replace it`,
    );
  const outcome = await initCrossSigning(access);
  if (outcome.kind === 'elsewhere')
    throw new CommandError(
      `${client.userId} has cross-signing keys already (${shownFingerprint(outcome.fingerprint)}), and this Redis does not hold them. Bring them back with --restore and the recovery key, or replace them with --reset`,
    );
  // Somebody was stopped before the recovery key was shown: that part is done now.
  if (outcome.kind === 'present' && (await hasStoredSecrets(client)))
    throw new CommandError(
      `${client.userId} has its cross-signing keys already (${shownFingerprint(outcome.fingerprint)}). Nothing was changed. For a new recovery key: vagent crypto recovery-key`,
    );
  return await tell(access, outcome.fingerprint, await storeSecrets(client, outcome.keys), terminal);
}

/** `--reset`: new keys in place of the old, when the person has typed for which account. */
export async function reset(access: CryptoAccess, terminal: Terminal): Promise<number> {
  const { client } = access;
  terminal.stdout.write(
    `This replaces the cross-signing keys of ${client.userId}, its secret storage and its recovery key. Everybody who has verified the bot has to do it again.\n`,
  );
  const typed = await askLine(terminal, `To go on, type ${client.userId}: `);
  if (typed.trim() !== client.userId)
    throw new CommandError('That is not what was asked for: nothing was changed');
  const outcome = await replaceCrossSigning(access);
  if (outcome.kind === 'elsewhere') throw new CommandError('The keys were not replaced: try again');
  return await tell(access, outcome.fingerprint, await storeSecrets(client, outcome.keys), terminal);
}

/** `--restore`: the keys come back from the account's secret storage. The recovery key is read, never an argument. */
export async function restore(access: CryptoAccess, terminal: Terminal): Promise<number> {
  const typed = await askLine(terminal, 'Recovery key: ', { isSecret: true });
  if (typed.trim() === '') throw new CommandError('No recovery key was given: type it, or pipe it in');
  const fingerprint = await restoreCrossSigning(access, typed);
  terminal.stdout.write(
    `The cross-signing keys of ${access.client.userId} are back: ${shownFingerprint(fingerprint)}\nRunning devices sign themselves within seconds: vagent crypto status\n`,
  );
  return 0;
}

/** `vagent crypto recovery-key`: a new one for the same keys; the old one opens nothing any more. */
export async function renewRecoveryKey(access: CryptoAccess, terminal: Terminal): Promise<number> {
  const keys = await access.saved.load();
  if (keys === undefined)
    throw new CommandError('This Redis holds no cross-signing keys: vagent crypto init makes them');
  showRecoveryKey(await storeSecrets(access.client, keys), terminal);
  return 0;
}

async function tell(
  { client }: CryptoAccess,
  fingerprint: string,
  recoveryKey: string,
  terminal: Terminal,
): Promise<number> {
  terminal.stdout.write(
    `${client.userId} has its cross-signing keys.\nFingerprint (public): ${shownFingerprint(fingerprint)}\n`,
  );
  showRecoveryKey(recoveryKey, terminal);
  terminal.stdout.write('Running devices sign themselves within seconds: vagent crypto status\n');
  return 0;
}

function showRecoveryKey(recoveryKey: string, { stdout, env }: Terminal): void {
  const paint = paintFor({ stdout, env });
  stdout.write(
    `\nRecovery key:\n\n    ${paint('bold', recoveryKey)}\n\nKeep it where you keep passwords. It is shown this once and stored nowhere: with it the keys come back after a\nloss of Redis, and you can verify the account in Element.\n\n`,
  );
}
