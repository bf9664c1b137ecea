import type { Command } from '../cli/command.ts';
import { CommandError, UsageError } from '../cli/errors.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { tellRights } from '../cli/tell-rights.ts';
import { init, renewRecoveryKey, reset, restore } from '../crypto/init.ts';
import { openCrypto } from '../crypto/open-crypto.ts';
import { prune } from '../crypto/prune.ts';
import { reseal } from '../crypto/reseal.ts';
import { status } from '../crypto/status.ts';

const usage = `Usage: vagent crypto [status] [--json]
       vagent crypto init [--restore | --reset]
       vagent crypto recovery-key
       vagent crypto reseal
       vagent crypto prune [--days N] [--yes]

Keys of the bot in encrypted rooms. "init" makes its cross-signing keys, once, and shows the recovery key, once;
"--restore" reads the recovery key and brings the keys back after a loss of Redis; "--reset" replaces them, when you
have typed for whom. "recovery-key" makes a new one for the same keys. "status" tells what is signed and who holds
which device; its exit code is 1 where something is to be done. "reseal" seals all keys with the newest key of
CRYPTO_STORE_KEY, and tells which devices that are in use still need an older one. "prune" removes egress' devices that nobody has
held for N days (7).
`;

/** Their messages tell what is wrong and what to do. */
const expected = new Set(['CrossSigningError', 'CryptoStoreError', 'MatrixRequestError', 'MatrixLoginError']);

export const crypto: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      json: { type: 'boolean', default: false },
      restore: { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      days: { type: 'string', default: '7' },
    });
    const [what = 'status', ...more] = positionals;
    if (!['status', 'init', 'recovery-key', 'reseal', 'prune'].includes(what))
      throw new UsageError(`"vagent crypto ${what}" is not a command`);
    // A recovery key as an argument would stand in the shell's history and in the list of processes.
    if (more.length > 0)
      throw new UsageError(
        `"vagent crypto ${what}" takes no more words. A recovery key is typed when it is asked for`,
      );
    if (values.restore && values.reset) throw new UsageError('Either --restore or --reset, not both');
    const days = Number(values.days);
    if (!Number.isFinite(days) || days < 0) throw new UsageError(`--days is "${values.days}": give a number`);
    // Whatever uses it below must be awaited: it is closed on return.
    await using access = await openCrypto(terminal.env);
    try {
      if (what === 'status') return await status(access, values.json, terminal);
      if (what === 'recovery-key') return await renewRecoveryKey(access, terminal);
      if (what === 'reseal') return await tellRights(() => reseal(access, terminal));
      if (what === 'prune')
        return await tellRights(() => prune(access, { days, isMeant: values.yes }, terminal));
      if (values.restore) return await restore(access, terminal);
      return values.reset ? await reset(access, terminal) : await init(access, terminal);
    } catch (error) {
      if (error instanceof Error && expected.has(error.name))
        throw new CommandError(error.message, { cause: error });
      throw error;
    }
  },
};
