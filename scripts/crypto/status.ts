import { publicKeyOf } from '#crypto/cross-signing/cross-signing-keys';
import { hasStoredSecrets } from '#crypto/cross-signing/secret-storage';
import { MatrixRequestError, SenderSyncError } from '#matrix/errors';
import { redisNow } from '#streams/redis-now';
import { formatDuration } from '../cli/format-duration.ts';
import { formatTable } from '../cli/format-table.ts';
import { paintFor } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';
import { shownFingerprint } from './fingerprint.ts';
import type { CryptoAccess } from './open-crypto.ts';
import { type OwnDevice, readOwnDevices } from './own-devices.ts';

/** What is in order, and what to type where it is not. */
interface Status {
  readonly user: string;
  readonly fingerprint: string | null;
  readonly isKeptHere: boolean;
  readonly isRecoverable: boolean;
  readonly waitingForKeys: number;
  readonly devices: readonly OwnDevice[];
  /** Why the account can hold no device with keys; null where it can. */
  readonly syncRefusal: string | null;
  readonly advice: string | null;
}

/** `vagent crypto status`: 0 where keys are in order and all crypto devices are signed, 1 otherwise. */
export async function status(access: CryptoAccess, asJson: boolean, terminal: Terminal): Promise<number> {
  const state = await readStatus(access);
  if (asJson) terminal.stdout.write(`${JSON.stringify(state)}\n`);
  else show(state, await redisNow(access.transport.redis), terminal);
  return state.advice === null ? 0 : 1;
}

async function readStatus(access: CryptoAccess): Promise<Status> {
  const { client, saved, transport } = access;
  const [kept, { identity, devices }, isRecoverable, waitingForKeys, syncRefusal] = await Promise.all([
    saved.load(),
    readOwnDevices(access),
    hasStoredSecrets(client),
    transport.redis.xlen(transport.keys.ciphertext(client.userId)),
    readSyncRefusal(access),
  ]);
  const keptMaster = kept === undefined ? null : publicKeyOf(kept.master);
  const fingerprint = identity.master ?? null;
  const isKeptHere = fingerprint !== null && keptMaster === fingerprint;
  const unsigned = devices.filter(({ slot, isSigned }) => slot?.owner != null && !isSigned);
  const state = {
    user: client.userId,
    fingerprint,
    isKeptHere,
    isRecoverable,
    waitingForKeys,
    devices,
    syncRefusal,
  };
  return { ...state, advice: adviceFor(state, unsigned) };
}

/** What the homeserver says against /sync for the sender of an appservice, without which no device can follow its news. */
async function readSyncRefusal({ client, password }: CryptoAccess): Promise<string | null> {
  if (password !== undefined) return null;
  try {
    const filter = JSON.stringify({
      room: { rooms: [] },
      presence: { types: [] },
      account_data: { types: [] },
    });
    await client.request('GET', '/_matrix/client/v3/sync', {
      query: { filter, timeout: 0, set_presence: 'offline' },
    });
    return null;
  } catch (error) {
    if (error instanceof SenderSyncError) return error.message;
    if (error instanceof MatrixRequestError) return null;
    throw error;
  }
}

function adviceFor(state: Omit<Status, 'advice'>, unsigned: readonly OwnDevice[]): string | null {
  if (state.syncRefusal !== null) return state.syncRefusal;
  if (state.fingerprint === null) return 'There are no cross-signing keys. Make them: vagent crypto init';
  if (!state.isKeptHere)
    return 'The published keys are not kept here. Bring them back: vagent crypto init --restore';
  if (!state.isRecoverable)
    return 'The keys could not be brought back after a loss. Make a recovery key: vagent crypto recovery-key';
  if (unsigned.length > 0)
    return `${unsigned.map(({ deviceId }) => printable(deviceId)).join(', ')}: not signed. A running device signs itself within half a minute; the log of ingress and egress says what keeps it from that`;
  return null;
}

function show(state: Status, now: number, { stdout, env }: Terminal): void {
  const paint = paintFor({ stdout, env });
  const lines = [
    ['account', state.user],
    ['fingerprint', state.fingerprint === null ? 'none' : shownFingerprint(state.fingerprint)],
    ['private keys', state.isKeptHere ? 'kept here, sealed' : 'not here'],
    ['recovery key', state.isRecoverable ? 'made' : 'none'],
    ['waiting', `${state.waitingForKeys} encrypted events`],
  ];
  for (const [title = '', value = ''] of lines)
    stdout.write(`${paint('dim', title.padEnd(14))} ${printable(value)}\n`);
  const rows = state.devices
    .filter(({ slot }) => slot !== null)
    .map((device) => [
      printable(device.deviceId),
      device.fingerprint === null ? 'no keys' : device.isSigned ? 'yes' : 'no',
      device.slot?.owner == null ? 'nobody' : printable(device.slot.owner),
      device.slot?.records ?? 0,
      device.lastSeenAt === null ? '' : `${formatDuration(Math.max(0, now - device.lastSeenAt))} ago`,
    ]);
  if (rows.length > 0)
    stdout.write(
      `\n${formatTable(['device', 'signed', 'held by', 'records', 'last seen'], rows, paintFor({ stdout, env }))}`,
    );
  if (state.advice !== null) stdout.write(`\n${paint('yellow', state.advice)}\n`);
}
