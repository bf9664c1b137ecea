import { randomBytes } from 'node:crypto';

/** The id of a slot's device that begins anew: never used before. */
export function newDeviceName(slot: string): string {
  return `${slot}_${randomBytes(3).toString('hex').toUpperCase()}`;
}

/** The slot whose device it is, or was. */
export function slotOf(deviceId: string): string {
  return deviceId.replace(/_[0-9A-F]{6}$/, '');
}
