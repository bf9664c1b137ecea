import { z } from 'zod';
import type { Requester } from '../accounts/requester.ts';
import { type Content, parseStored } from '../content.ts';
import type { Context } from '../context.ts';
import { clientPaths, type MatrixRequest, param, parseBody, type Reply, type Route } from '../http/route.ts';
import type { Position } from '../sync/position.ts';

const body = z.object({
  messages: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
});

/** Sends messages to devices instead of rooms: how clients exchange the keys of encrypted rooms. */
export const sendToDeviceRoute: Route = {
  method: 'PUT',
  paths: clientPaths('/sendToDevice/:type/:txn'),
  auth: 'required',
  handle: sendToDevice,
};

function sendToDevice(context: Context, request: MatrixRequest, requester: Requester): Promise<Reply> {
  const { messages } = parseBody(request, body);
  const type = param(request, 'type');
  const who = requester.appservice?.id ?? `${requester.userId} ${requester.deviceId}`;
  return context.transactionMemory.fetchOrRun(`${request.path} ${who}`, () => {
    context.database.transaction(() => {
      for (const [userId, byDevice] of Object.entries(messages)) {
        for (const [deviceId, content] of Object.entries(byDevice)) {
          store(context, userId, deviceId, { type, sender: requester.userId, content });
        }
      }
    });
    context.notifier.wake(Object.keys(messages));
    return {};
  });
}

/** `*` stands for all devices of the user. */
function store(context: Context, userId: string, deviceId: string, message: Content): void {
  const devices = context.database
    .all<{ device_id: string }>('SELECT device_id FROM devices WHERE user_id = ?', userId)
    .filter(({ device_id }) => deviceId === '*' || device_id === deviceId);
  for (const { device_id } of devices) {
    context.database.run(
      'INSERT INTO to_device (stream, user_id, device_id, message) VALUES (?, ?, ?, ?)',
      context.database.nextStream(),
      userId,
      device_id,
      JSON.stringify(message),
    );
  }
}

/**
 * The messages for a device after `since`. What came before is deleted: by syncing from there the client says that it
 * has them.
 */
export function toDeviceSince(
  context: Context,
  { userId, deviceId }: Requester,
  since: Position | undefined,
): Content[] {
  if (deviceId === undefined) return [];
  const after = since?.stream ?? 0;
  context.database.run(
    'DELETE FROM to_device WHERE user_id = ? AND device_id = ? AND stream <= ?',
    userId,
    deviceId,
    after,
  );
  return context.database
    .all<{ message: string }>(
      'SELECT message FROM to_device WHERE user_id = ? AND device_id = ? ORDER BY stream',
      userId,
      deviceId,
    )
    .map(({ message }) => parseStored(message));
}
