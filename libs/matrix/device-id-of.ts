/**
 * The device that a role of the bot (`ingress`, `egress`) logs in as, for ever. Homeservers remember transaction
 * ids by device: replicas of a role share one, so that what one has sent is not sent again by its successor.
 */
export function deviceIdOf(role: string): string {
  return `VAGENT_${role.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
}

/** The role that a device of ours was made for: `deviceIdOf` of it is the device again. */
export function roleOfDevice(deviceId: string): string {
  return deviceId
    .replace(/^VAGENT_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}
