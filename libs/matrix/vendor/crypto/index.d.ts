/** Cannot be made: its constructor throws. */
declare class Absent {
  private constructor();
}

export class OlmMachine extends Absent {
  static initialize(...args: readonly unknown[]): never;
}
export class Attachment extends Absent {
  static encrypt(bytes: Uint8Array): never;
  static decrypt(attachment: EncryptedAttachment): never;
}
export class DeviceId extends Absent {}
export class DeviceLists extends Absent {}
export class EncryptedAttachment extends Absent {}
export class EncryptionSettings extends Absent {}
export class RoomId extends Absent {}
export class UserId extends Absent {}

export const StoreType: { readonly Sled: 0; readonly Sqlite: 0 };
export type StoreType = 0;
